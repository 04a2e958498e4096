namespace Darter.Cli.Settings.Files;

/// <summary>Which file, or module, has the configuration.</summary>
/// <param name="Kind">Its format.</param>
/// <param name="Location">An absolute path; of a module, <c>python:NAME</c>.</param>
/// <param name="Display">How the operator knows it.</param>
internal sealed record ConfigFileReference(ConfigFileKind Kind, string Location, string Display)
{
    private static readonly string[] Usual = ["darter.toml", "pyproject.toml", "gunicorn.conf.py"];

    /// <summary>What <c>--config</c> names: <c>PATH</c>, <c>file:PATH</c> or <c>python:MODULE</c>, paths from <paramref name="folder"/> on.</summary>
    internal static ConfigFileReference Parse(string text, string folder)
    {
        if (text.StartsWith("python:", StringComparison.Ordinal))
        {
            return new ConfigFileReference(ConfigFileKind.Python, text, text);
        }

        string path = text.StartsWith("file:", StringComparison.Ordinal) ? text["file:".Length..] : text;
        return OfPath(Path.GetFullPath(path, folder), path);
    }

    /// <summary>The file that is used where none is named, or null.</summary>
    internal static ConfigFileReference? Discover(string folder)
    {
        foreach (string name in Usual)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path) && OfPath(path, name) is var found && (found.Kind != ConfigFileKind.PyProject || TomlConfigFile.HasSection(path)))
            {
                return found;
            }
        }

        return null;
    }

    private static ConfigFileReference OfPath(string path, string display) => new(
        Path.GetFileName(path) == "pyproject.toml" ? ConfigFileKind.PyProject
            : Path.GetExtension(path) == ".toml" ? ConfigFileKind.Toml
            : ConfigFileKind.Python,
        path,
        display);
}
