using System.Text;

namespace Darter.Cli.Importing;

/// <summary>Reads a uwsgi.ini: the section <c>[uwsgi]</c>, with its placeholders filled in.</summary>
internal static class UwsgiFile
{
    /// <summary>The options in the order of the file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="path">Its path, for <c>%d</c> and the like.</param>
    internal static List<UwsgiLine> Read(string text, string path)
    {
        List<UwsgiLine> lines = [];
        Dictionary<string, string> variables = [];
        bool ours = true;
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }

            if (line[0] == '[')
            {
                ours = line.TrimEnd(']').TrimStart('[').Trim() == "uwsgi";
                continue;
            }

            if (!ours)
            {
                continue;
            }

            int sign = line.IndexOf('=', StringComparison.Ordinal);
            string key = (sign < 0 ? line : line[..sign]).Trim();
            string value = sign < 0 ? "true" : Fill(line[(sign + 1)..].Trim(), path, variables);
            if (key is "set-placeholder" or "set-ph" or "set")
            {
                int equals = value.IndexOf('=', StringComparison.Ordinal);
                variables[equals < 0 ? value : value[..equals].Trim()] = equals < 0 ? "" : value[(equals + 1)..].Trim();
                continue;
            }

            variables[key] = value;
            lines.Add(new UwsgiLine(number, key, value));
        }

        return lines;
    }

    /// <summary>Fills in <c>%(name)</c> and those of the letters that say something of the file.</summary>
    private static string Fill(string value, string path, Dictionary<string, string> variables)
    {
        StringBuilder text = new();
        for (int index = 0; index < value.Length; index++)
        {
            if (value[index] != '%' || index + 1 == value.Length)
            {
                text.Append(value[index]);
                continue;
            }

            char next = value[++index];
            int end = next == '(' ? value.IndexOf(')', index) : -1;
            if (end > 0)
            {
                string name = value[(index + 1)..end];
                text.Append(variables.TryGetValue(name, out string? known) ? known : $"%({name})");
                index = end;
                continue;
            }

            string folder = Path.GetDirectoryName(path) ?? "/";
            _ = next switch
            {
                '%' => text.Append('%'),
                'd' => text.Append(folder).Append('/'),
                'p' => text.Append(path),
                's' => text.Append(Path.GetFileName(path)),
                'n' => text.Append(Path.GetFileNameWithoutExtension(path)),
                'e' => text.Append(Path.GetExtension(path).TrimStart('.')),
                'c' => text.Append(Path.GetFileName(folder)),
                _ => text.Append('%').Append(next),
            };
        }

        return text.ToString();
    }
}
