using System.Globalization;

namespace Darter.Workers;

/// <summary>How much memory a process takes.</summary>
public static class ProcessMemory
{
    /// <summary>Resident memory in bytes, shared pages included; 0 if there is no such process.</summary>
    public static long Resident(int processId)
    {
        try
        {
            // Pages: size, resident, shared, ... (proc(5)). Made by the kernel from counters, without waiting for anything.
            string[] fields = File.ReadAllText($"/proc/{processId}/statm").Split(' ');
            return fields.Length > 1 ? long.Parse(fields[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
