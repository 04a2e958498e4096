using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Darter.Cli.Settings.Files;

/// <summary><c>darter.toml</c>, or the section <c>[tool.darter]</c> of <c>pyproject.toml</c>.</summary>
internal static class TomlConfigFile
{
    private const string Section = "tool.darter";
    private const string DevelopmentTable = "dev";

    /// <summary>Whether a <c>pyproject.toml</c> has settings for Darter. A file with mistakes counts as one that has, to be reported.</summary>
    internal static bool HasSection(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            return text.Contains("darter", StringComparison.Ordinal) && Entries(SyntaxParser.Parse(text, path, true)).Any(entry => IsOfSection(entry.Key));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Reads the file; what is wrong with it goes to <paramref name="findings"/>.</summary>
    internal static ConfigFile Read(ConfigFileReference reference, Findings findings)
    {
        ConfigFile file = new();
        string text;
        try
        {
            text = File.ReadAllText(reference.Location);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            findings.Error($"--config: {exception.Message}");
            return file;
        }

        DocumentSyntax document = SyntaxParser.Parse(text, reference.Display, true);
        if (document.HasErrors)
        {
            foreach (DiagnosticMessage message in document.Diagnostics)
            {
                findings.Error($"{reference.Display}:{message.Span.Start.Line + 1}: {message.Message}");
            }

            return file;
        }

        bool project = reference.Kind == ConfigFileKind.PyProject;
        HashSet<string> tables = [];
        foreach ((string[] key, ValueSyntax? value, int line) in Entries(document))
        {
            if (project && !IsOfSection(key))
            {
                continue;
            }

            SettingOrigin origin = new(SettingSource.File, reference.Display, line);
            string[] rest = project ? key[2..] : key;
            if (rest.Length == 0)
            {
                continue;
            }

            if (rest.Length == 1 && value is not null && !IsLongForm(rest[0]))
            {
                file.Settings.Add(new Setting(rest[0].Replace('-', '_'), ValueOf(value), origin));
            }
            else if (rest[0] == DevelopmentTable && (rest.Length == 2 || value is null))
            {
                if (value is not null)
                {
                    file.Development.Add(new Setting(rest[1].Replace('-', '_'), ValueOf(value), origin));
                }
            }
            else if (rest.Length == 2 && value is not null && rest[0] is "secure_scheme_headers" or "secure-scheme-headers")
            {
                Extend(file, rest[0].Replace('-', '_'), $"{rest[1]}={ValueOf(value).Text}", origin);
            }
            else if (tables.Add(rest[0]))
            {
                findings.Error(IsLongForm(rest[0])
                    ? $"{origin}: [{rest[0]}] is not supported yet: settings are keys of their own, such as 'bind' and 'workers'"
                    : $"{origin}: there is no table [{rest[0]}]; settings are keys of their own, such as 'bind' and 'workers'");
            }
        }

        return file;
    }

    private static bool IsLongForm(string name) => name is "tls" or "apps" or "routes" or "upstreams" or "cache";

    private static bool IsOfSection(string[] key) => key.Length >= 2 && $"{key[0]}.{key[1]}" == Section;

    /// <summary>Every key with all the names before it, and every table, without a value.</summary>
    private static IEnumerable<(string[] Key, ValueSyntax? Value, int Line)> Entries(DocumentSyntax document)
    {
        foreach (KeyValueSyntax pair in document.KeyValues)
        {
            foreach ((string[] Key, ValueSyntax? Value, int Line) entry in Entries([], pair))
            {
                yield return entry;
            }
        }

        foreach (TableSyntaxBase table in document.Tables)
        {
            string[] name = NamesOf(table.Name!);
            yield return (name, null, Line(table));
            foreach (KeyValueSyntax pair in table.Items)
            {
                foreach ((string[] Key, ValueSyntax? Value, int Line) entry in Entries(name, pair))
                {
                    yield return entry;
                }
            }
        }
    }

    private static IEnumerable<(string[] Key, ValueSyntax? Value, int Line)> Entries(string[] table, KeyValueSyntax pair)
    {
        string[] key = [.. table, .. NamesOf(pair.Key!)];
        if (key.Length <= 2 && key[0] == "tool" && pair.Value is InlineTableSyntax inline)
        {
            // tool.darter = { workers = 2 }
            foreach (InlineTableItemSyntax item in inline.Items)
            {
                foreach ((string[] Key, ValueSyntax? Value, int Line) entry in Entries(key, item.KeyValue!))
                {
                    yield return entry;
                }
            }
        }
        else
        {
            yield return (key, pair.Value, Line(pair));
        }
    }

    private static int Line(SyntaxNode node) => node.Span.Start.Line + 1;

    private static string[] NamesOf(KeySyntax key) => [Name(key.Key), .. key.DotKeys.Select(dot => Name(dot.Key))];

    private static string Name(BareKeyOrStringValueSyntax? name) => name switch
    {
        StringValueSyntax text => text.Value ?? "",
        BareKeySyntax bare => bare.Key?.Text ?? "",
        _ => "",
    };

    private static SettingValue ValueOf(ValueSyntax? value) => value switch
    {
        StringValueSyntax text => SettingValue.Of(text.Value ?? ""),
        IntegerValueSyntax number => SettingValue.Of(number.Value),
        FloatValueSyntax number => SettingValue.Of(number.Value),
        BooleanValueSyntax boolean => SettingValue.Of(boolean.Value),
        ArraySyntax array => new SettingValue(SettingKind.List, [.. array.Items.Select(item => ItemOf(item.Value))]),
        InlineTableSyntax table => new SettingValue(
            SettingKind.Table,
            [.. table.Items.Select(item => $"{string.Join('.', NamesOf(item.KeyValue!.Key!))}={ItemOf(item.KeyValue.Value)}")]),
        _ => SettingValue.Of(value?.ToString()?.Trim() ?? ""),
    };

    private static string ItemOf(ValueSyntax? value) => ValueOf(value) is { Items.Count: 1 } single ? single.Text : value?.ToString()?.Trim() ?? "";

    private static void Extend(ConfigFile file, string name, string item, SettingOrigin origin)
    {
        int index = file.Settings.FindIndex(setting => setting.Name == name);
        if (index < 0)
        {
            file.Settings.Add(new Setting(name, new SettingValue(SettingKind.Table, [item]), origin));
        }
        else
        {
            file.Settings[index] = file.Settings[index] with { Value = new SettingValue(SettingKind.Table, [.. file.Settings[index].Value.Items, item]) };
        }
    }
}
