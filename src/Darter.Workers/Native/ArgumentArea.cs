using System.Globalization;
using System.Text;

namespace Darter.Workers.Native;

/// <summary>The memory that holds this process's arguments, where <c>ps</c> reads its command line.</summary>
internal static unsafe class ArgumentArea
{
    /// <summary>Replaces the command line, cut to the room there is. False: the kernel does not tell where it is.</summary>
    internal static bool TryReplace(string text)
    {
        // proc(5): arg_start and arg_end are fields 48 and 49, the state, behind the name in parentheses, is field 3.
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        if (!TryAddress(fields, 48, out nuint start) || !TryAddress(fields, 49, out nuint end) || start == 0 || end <= start)
        {
            return false;
        }

        Span<byte> area = new((void*)start, (int)(end - start));
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = Math.Min(bytes.Length, area.Length - 1);
        area.Clear();
        bytes.AsSpan(0, length).CopyTo(area);
        return true;
    }

    private static bool TryAddress(string[] fields, int number, out nuint address)
    {
        address = 0;
        return fields.Length > number - 3 && nuint.TryParse(fields[number - 3], NumberStyles.None, CultureInfo.InvariantCulture, out address);
    }
}
