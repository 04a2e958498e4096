using System.Globalization;
using System.Text;

namespace Darter.Cli.Importing;

/// <summary>The <c>darter.toml</c> that comes of another server's configuration, with a comment for each line that has no equivalent.</summary>
/// <param name="source">The name of the file that is imported.</param>
internal sealed class ImportResult(string source)
{
    private readonly List<(int Line, string Text)> _notes = [];

    /// <summary>The name of the file that is imported.</summary>
    internal string Source => source;

    /// <summary>The settings at the top.</summary>
    internal ImportTable Settings { get; } = new();

    /// <summary><c>[tls]</c>.</summary>
    internal ImportTable Tls { get; } = new();

    /// <summary>The applications by name.</summary>
    internal Dictionary<string, ImportTable> Apps { get; } = [];

    /// <summary>The upstreams by name.</summary>
    internal Dictionary<string, ImportTable> Upstreams { get; } = [];

    /// <summary>The routes in order.</summary>
    internal List<ImportTable> Routes { get; } = [];

    /// <summary>What there is to say of the lines.</summary>
    internal IEnumerable<string> Notes => _notes.Select(note => note.Text);

    /// <summary>Says what becomes of a line that has no equivalent, or not quite one.</summary>
    /// <param name="line">The line, from 1 on; 0: none in particular.</param>
    /// <param name="what">What stands there.</param>
    /// <param name="why">What of it.</param>
    internal void Note(int line, string what, string why) => Note(null, line, what, why);

    /// <summary>The same of a line of another file.</summary>
    /// <param name="file">The file; null: the one that is imported.</param>
    /// <param name="line">The line, from 1 on; 0: none in particular.</param>
    /// <param name="what">What stands there.</param>
    /// <param name="why">What of it.</param>
    internal void Note(string? file, int line, string what, string why)
    {
        string place = line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{file ?? source}:{line}") : file ?? source;
        _notes.Add((file is null ? line : int.MaxValue, OneLine($"{place}: {what}: {why}")));
    }

    /// <summary>Says something that begins with its place already.</summary>
    internal void Note(string text) => _notes.Add((0, OneLine(text)));

    /// <summary>A name for an application or an upstream, of those characters that are allowed, which is not taken yet.</summary>
    internal static string NameOf(string text, IReadOnlyDictionary<string, ImportTable> taken)
    {
        string plain = string.Concat(text.Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' ? character : '-')).Trim('-', '.');
        plain = plain.Length is 0 ? "app" : plain.Length > 48 ? plain[..48] : plain;
        string name = plain;
        for (int number = 2; taken.ContainsKey(name); number++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{plain}-{number}");
        }

        return name;
    }

    /// <summary>The file.</summary>
    internal string Write()
    {
        StringBuilder text = new();
        Line($"# Made from {OneLine(source)} by 'darter import'. 'darter check -c FILE' says whether it will do.");
        if (_notes.Count > 0)
        {
            Line("#");
            Line("# What has no equivalent, or is different:");
            foreach ((int _, string note) in _notes.OrderBy(note => note.Line))
            {
                Line($"# {note}");
            }
        }

        Section(null, Settings);
        Section("[tls]", Tls);
        foreach ((string name, ImportTable table) in Apps)
        {
            Section($"[apps.{Toml.Key(name)}]", table);
        }

        foreach ((string name, ImportTable table) in Upstreams)
        {
            Section($"[upstreams.{Toml.Key(name)}]", table);
        }

        foreach (ImportTable route in Routes)
        {
            Section("[[routes]]", route);
        }

        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');

        void Section(string? head, ImportTable table)
        {
            if (table.Members.Count == 0)
            {
                return;
            }

            Line("");
            if (head is not null)
            {
                Line(head);
            }

            foreach ((string key, string value) in table.Members)
            {
                Line($"{Toml.Key(key)} = {value}");
            }
        }
    }

    /// <summary>A comment ends with its line, and has no other control characters either.</summary>
    private static string OneLine(string text) => string.Concat(text.EnumerateRunes().Select(rune => Rune.IsControl(rune) || rune.Value == 0xFFFD ? " " : rune.ToString()));
}
