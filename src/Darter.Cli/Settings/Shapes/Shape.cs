using System.Text.Json;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>
/// What a value in a configuration file may be. One description serves the check of a file, which reports every mistake with
/// its line, and the JSON Schema, from which editors complete and check while one types.
/// </summary>
internal abstract class Shape
{
    /// <summary>What is expected, in words: <c>a duration such as 5s</c>.</summary>
    internal abstract string Expected { get; }

    /// <summary>Whether a value is of the kind, though there may be something wrong in it: decides between alternatives.</summary>
    internal abstract bool Admits(TomlNode node);

    /// <summary>Reports what is wrong with a value that is admitted.</summary>
    /// <param name="node">The value.</param>
    /// <param name="path">Its keys: <c>upstreams.search.health</c>.</param>
    /// <param name="report">Takes the mistakes.</param>
    internal abstract void CheckInside(TomlNode node, string path, FileReport report);

    /// <summary>Writes the keywords of JSON Schema into the object at hand.</summary>
    internal abstract void Write(Utf8JsonWriter writer);

    /// <summary>Whether a value will do; what is wrong with it is reported.</summary>
    internal bool Check(TomlNode node, string path, FileReport report)
    {
        int before = report.Count;
        if (Admits(node))
        {
            CheckInside(node, path, report);
        }
        else
        {
            report.Error(node.Line, path, $"must be {Expected}, not {node.Display}");
        }

        return report.Count == before;
    }
}
