using System.Globalization;

namespace Darter.Server.Control;

/// <summary>The memory of processes, from /proc.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident memory in bytes; 0 if there is no such process, or it is not for us to see.</summary>
    internal static long Resident(int processId)
    {
        try
        {
            // The second number of statm is the resident set, in pages; see proc(5).
            string[] numbers = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/statm")).Split(' ');
            return long.Parse(numbers[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
