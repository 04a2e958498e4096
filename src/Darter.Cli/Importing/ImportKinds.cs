namespace Darter.Cli.Importing;

/// <summary>Tells what kind of configuration a file is.</summary>
internal static class ImportKinds
{
    /// <summary>What <c>--from</c> takes.</summary>
    internal static string[] Names { get; } = ["gunicorn", "uwsgi", "unit", "nginx"];

    /// <summary>The kind of that name.</summary>
    internal static ImportKind Of(string name) => Enum.Parse<ImportKind>(name, ignoreCase: true);

    /// <summary>The kind, by the file's name or else by what is in it; null: there is no telling.</summary>
    internal static ImportKind? Guess(string name, string text)
    {
        string start = text.TrimStart();
        return Path.GetExtension(name) switch
        {
            ".py" => ImportKind.Gunicorn,
            ".json" => ImportKind.Unit,
            ".ini" => ImportKind.Uwsgi,
            _ when start.StartsWith('{') => ImportKind.Unit,
            _ when text.Split('\n').Any(line => line.Trim() == "[uwsgi]") => ImportKind.Uwsgi,
            _ when text.Contains('{') && (text.Contains("server", StringComparison.Ordinal) || text.Contains("upstream", StringComparison.Ordinal)) => ImportKind.Nginx,
            _ => null,
        };
    }

    /// <summary>Makes a <c>darter.toml</c> of a text; not of a program, which must be executed.</summary>
    /// <exception cref="ImportException">It cannot be read as what it is said to be.</exception>
    internal static ImportResult Import(ImportKind kind, string text, string path, string display) => text.Contains('\0') ? throw new ImportException($"{display}: is no text") : kind switch
    {
        ImportKind.Uwsgi => UwsgiImport.Import(text, path, display),
        ImportKind.Unit => UnitImport.Import(text, display),
        ImportKind.Nginx => NginxImport.Import(text, path, display),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
