using System.CommandLine;

namespace Darter.Cli.Settings;

/// <summary>
/// Reads a command line as Python's argparse does for Gunicorn: values attached to short flags (<c>-w4</c>, <c>-b:8000</c>),
/// the last of several wins, flags and the target in any order.
/// </summary>
internal sealed class CommandLineReader(OptionTable table)
{
    private readonly List<(string Flag, Option Option, string? Value)> _flags = [];
    private readonly List<string> _positionals = [];
    private readonly List<string> _errors = [];

    /// <summary>What stands without a flag.</summary>
    internal IReadOnlyList<string> Positionals => _positionals;

    /// <summary>What cannot be understood.</summary>
    internal IReadOnlyList<string> Errors => _errors;

    /// <summary>Flags with their values, in order; the value is null where none was given.</summary>
    internal IReadOnlyList<(string Flag, Option Option, string? Value)> Flags => _flags;

    /// <summary>Whether an option takes several values, each with its flag.</summary>
    internal static bool IsList(Option option) => option.Arity.MaximumNumberOfValues > 1;

    /// <summary>Reads <paramref name="words"/>.</summary>
    internal void Read(IReadOnlyList<string> words)
    {
        Queue<string> rest = new(words);
        while (rest.TryDequeue(out string? word))
        {
            if (word == "--")
            {
                _positionals.AddRange(rest);
                return;
            }

            if (word.Length < 2 || word[0] != '-')
            {
                _positionals.Add(word);
            }
            else if (!TryReadWhole(word, rest) && !TryReadShort(word, rest))
            {
                _errors.Add(Unknown(word.Split('=')[0]));
            }
        }
    }

    /// <summary>The values in the form of settings, the last of each option that takes one.</summary>
    internal IEnumerable<(string Flag, Option Option, SettingValue Value)> Values()
    {
        foreach (IGrouping<Option, (string Flag, Option Option, string? Value)> group in _flags.GroupBy(flag => flag.Option))
        {
            (string last, Option option, string? value) = group.Last();
            yield return (last, option, IsList(option)
                ? new SettingValue(SettingKind.List, [.. group.Select(flag => flag.Value ?? "")])
                : value is null ? SettingValue.True : SettingValue.Of(value));
        }
    }

    /// <summary><c>--flag</c>, <c>--flag value</c>, <c>--flag=value</c>, <c>-f</c>, <c>-f value</c>, <c>-f=value</c>.</summary>
    private bool TryReadWhole(string word, Queue<string> rest)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string flag = equals < 0 ? word : word[..equals];
        if (table.OfFlag(flag) is not { } option)
        {
            return false;
        }

        Add(flag, option, equals < 0 ? null : word[(equals + 1)..], rest);
        return true;
    }

    /// <summary><c>-fvalue</c>, and flags without values in one word: <c>-RD</c>.</summary>
    private bool TryReadShort(string word, Queue<string> rest)
    {
        if (word[1] == '-' || table.OfFlag(word[..2]) is not { } option)
        {
            return false;
        }

        if (!IsSwitch(option))
        {
            Add(word[..2], option, word[2..], rest);
            return true;
        }

        Add(word[..2], option, null, new Queue<string>());
        string further = $"-{word[2..]}";
        return TryReadWhole(further, rest) || TryReadShort(further, rest);
    }

    private void Add(string flag, Option option, string? value, Queue<string> rest)
    {
        if (value is null && TakesNext(option, rest))
        {
            value = rest.Dequeue();
        }

        if (value is null && option.Arity.MinimumNumberOfValues > 0)
        {
            _errors.Add($"{flag} needs a value");
            return;
        }

        if (value is not null && option.Arity.MaximumNumberOfValues == 0)
        {
            _errors.Add($"{flag} takes no value");
            return;
        }

        _flags.Add((flag, option, value));
    }

    private bool TakesNext(Option option, Queue<string> rest)
    {
        if (option.Arity.MaximumNumberOfValues == 0 || !rest.TryPeek(out string? next))
        {
            return false;
        }

        if (IsSwitch(option))
        {
            // The target may follow.
            return bool.TryParse(next, out _);
        }

        // Whatever is no flag may be a value: '-' is a file, '-1' a number that is too small.
        bool isFlag = next.StartsWith('-') && table.OfFlag(next.Split('=')[0]) is not null;
        return !isFlag && (option.Arity.MinimumNumberOfValues > 0 || !next.StartsWith('-'));
    }

    private static bool IsSwitch(Option option) => option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool);

    private string Unknown(string flag) =>
        flag.Length > 3 && NearestName.Find(flag[2..], table.Flags.Where(known => known.Length > 2).Select(known => known[2..])) is { } near ? $"there is no option '{flag}'; did you mean --{near}?" : $"there is no option '{flag}'; see darter run --help";
}
