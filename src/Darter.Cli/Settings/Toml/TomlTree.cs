using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Darter.Cli.Settings.Toml;

/// <summary>Reads TOML into tables with lines: dotted keys, tables of all kinds and arrays of tables come to the same tree.</summary>
internal sealed class TomlTree
{
    private readonly List<(int Line, string Message)> _errors = [];
    private readonly Dictionary<TomlList, List<TomlNode>> _arrays = new(ReferenceEqualityComparer.Instance);

    private TomlTree()
    {
    }

    /// <summary>The root. If there are errors it has what could be understood.</summary>
    internal TomlTable Root { get; } = new(1, IsInline: false);

    /// <summary>What is no TOML, with its line.</summary>
    internal IReadOnlyList<(int Line, string Message)> Errors => _errors;

    /// <summary>Reads a text; <paramref name="name"/> is the file's.</summary>
    internal static TomlTree Parse(string text, string name)
    {
        TomlTree tree = new();
        DocumentSyntax document = SyntaxParser.Parse(text, name, true);
        if (document.HasErrors)
        {
            tree._errors.AddRange(document.Diagnostics.Select(message => (message.Span.Start.Line + 1, message.Message)));
            return tree;
        }

        foreach (KeyValueSyntax pair in document.KeyValues)
        {
            tree.Add(tree.Root, pair);
        }

        foreach (TableSyntaxBase section in document.Tables)
        {
            TomlTable? table = tree.Open(section);
            foreach (KeyValueSyntax pair in table is null ? Enumerable.Empty<KeyValueSyntax>() : section.Items)
            {
                tree.Add(table!, pair);
            }
        }

        return tree;
    }

    private static int LineOf(SyntaxNode node) => node.Span.Start.Line + 1;

    private static string[] NamesOf(KeySyntax? key) => key is null ? [] : [NameOf(key.Key), .. key.DotKeys.Select(dot => NameOf(dot.Key))];

    private static string NameOf(BareKeyOrStringValueSyntax? name) => name switch
    {
        StringValueSyntax text => text.Value ?? "",
        BareKeySyntax bare => bare.Key?.Text ?? "",
        _ => "",
    };

    /// <summary>The table that <c>[a.b]</c> or <c>[[a.b]]</c> begins.</summary>
    private TomlTable? Open(TableSyntaxBase section)
    {
        string[] names = NamesOf(section.Name);
        int line = LineOf(section);
        if (names.Length == 0 || Descend(Root, names[..^1], line) is not { } parent)
        {
            return null;
        }

        if (section is not TableArraySyntax)
        {
            return Descend(parent, names[^1..], line);
        }

        TomlTable table = new(line, IsInline: false);
        if (parent.Find(names[^1]) is not { } member)
        {
            List<TomlNode> items = [table];
            TomlList list = new(items, line);
            _arrays.Add(list, items);
            parent.Add(new TomlMember(names[^1], list, line));
        }
        else if (member.Value is TomlList list && _arrays.TryGetValue(list, out List<TomlNode>? items))
        {
            items.Add(table);
        }
        else
        {
            Twice(names[^1], member, line);
            return null;
        }

        return table;
    }

    private void Add(TomlTable table, KeyValueSyntax pair)
    {
        string[] names = NamesOf(pair.Key);
        int line = LineOf(pair);
        if (names.Length == 0 || Descend(table, names[..^1], line) is not { } parent)
        {
            return;
        }

        if (parent.Find(names[^1]) is { } other)
        {
            Twice(names[^1], other, line);
        }
        else
        {
            parent.Add(new TomlMember(names[^1], ValueOf(pair.Value, line), line));
        }
    }

    /// <summary>The table that the names lead to, made where there is none; of an array of tables the last one.</summary>
    private TomlTable? Descend(TomlTable from, string[] names, int line)
    {
        TomlTable table = from;
        foreach (string name in names)
        {
            switch (table.Find(name))
            {
                case null:
                    TomlTable made = new(line, IsInline: false);
                    table.Add(new TomlMember(name, made, line));
                    table = made;
                    break;
                case { Value: TomlTable { IsInline: false } inner }:
                    table = inner;
                    break;
                case { Value: TomlList list } when _arrays.TryGetValue(list, out List<TomlNode>? items):
                    table = (TomlTable)items[^1];
                    break;
                case { } other:
                    Twice(name, other, line);
                    return null;
            }
        }

        return table;
    }

    private void Twice(string name, TomlMember first, int line) => _errors.Add((line, $"'{name}' is set at line {first.Line} already"));

    private TomlNode ValueOf(ValueSyntax? value, int line)
    {
        switch (value)
        {
            case ArraySyntax array:
                return new TomlList([.. array.Items.Select(item => ValueOf(item.Value, item.Value is null ? line : LineOf(item.Value)))], line);
            case InlineTableSyntax inline:
                TomlTable table = new(line, IsInline: false);
                foreach (InlineTableItemSyntax item in inline.Items.Where(item => item.KeyValue is not null))
                {
                    Add(table, item.KeyValue!);
                }

                return Close(table);
            default:
                SettingValue scalar = ScalarOf(value);
                if (scalar.Text.Contains('\0'))
                {
                    // No path, address or name has one, and the system's calls would end the text there.
                    _errors.Add((line, "a text must not have a null character"));
                }

                return new TomlScalar(scalar, line);
        }
    }

    /// <summary>What stands between braces is complete.</summary>
    private static TomlTable Close(TomlTable table)
    {
        TomlTable closed = new(table.Line, IsInline: true);
        foreach (TomlMember member in table.Members)
        {
            closed.Add(member.Value is TomlTable { IsInline: false } inner ? member with { Value = Close(inner) } : member);
        }

        return closed;
    }

    private static SettingValue ScalarOf(ValueSyntax? value) => value switch
    {
        StringValueSyntax text => SettingValue.Of(text.Value ?? ""),
        IntegerValueSyntax number => SettingValue.Of(number.Value),
        FloatValueSyntax number => SettingValue.Of(number.Value),
        BooleanValueSyntax boolean => SettingValue.Of(boolean.Value),
        _ => SettingValue.Of(value?.ToString()?.Trim() ?? ""),
    };
}
