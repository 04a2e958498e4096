namespace Darter.Cli;

/// <summary>Text in columns that are as wide as they need to be, two spaces apart.</summary>
internal static class Table
{
    /// <summary>Returns a line for the head and one for each row; columns of numbers are aligned to the right.</summary>
    internal static IEnumerable<string> Format(string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> lines = [head, .. rows];
        int[] widths = new int[head.Length];
        bool[] right = new bool[head.Length];
        for (int column = 0; column < head.Length; column++)
        {
            widths[column] = lines.Max(line => line[column].Length);
            right[column] = lines.Count > 1 && lines.Skip(1).All(line => line[column].Length == 0 || char.IsAsciiDigit(line[column][0]));
        }

        foreach (string[] line in lines)
        {
            yield return string.Join("  ", line.Select((cell, column) => right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd();
        }
    }
}
