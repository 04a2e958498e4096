using System.IO.Enumeration;

namespace Darter.Workers.Sources;

/// <summary>Which files and folders matter to whoever develops the application.</summary>
public sealed class SourceRules
{
    private static readonly HashSet<string> s_code = new(StringComparer.OrdinalIgnoreCase)
    {
        ".py", ".pyi", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".po", ".mo",
    };

    private static readonly HashSet<string> s_assets = new(StringComparer.OrdinalIgnoreCase)
    {
        ".js", ".mjs", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".woff", ".woff2",
    };

    // Of which no file is written by whoever edits the application.
    private static readonly HashSet<string> s_skipped = ["__pycache__", "node_modules", "site-packages", "dist-packages"];

    private readonly string[] _include;
    private readonly string[] _exclude;

    /// <param name="folders">Folders that are looked through with all that is below them: full paths.</param>
    /// <param name="include">Further files that are code: patterns with * and ?, for the name, or for the path below a folder if they have a slash.</param>
    /// <param name="exclude">Files and folders that do not matter: patterns as above.</param>
    public SourceRules(IEnumerable<string> folders, IEnumerable<string> include, IEnumerable<string> exclude)
    {
        string[] all = [.. folders.Select(Path.TrimEndingDirectorySeparator).Distinct()];
        Folders = [.. all.Where(folder => !all.Any(other => other != folder && IsBelow(folder, other)))];
        _include = [.. include];
        _exclude = [.. exclude.Select(Path.TrimEndingDirectorySeparator)];
    }

    /// <summary>The folders that are looked through; none is below another one.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Whether nothing in a folder matters, nor below it.</summary>
    internal bool Skips(string folder)
    {
        if (Folders.Contains(folder))
        {
            return false;
        }

        string name = Path.GetFileName(folder);
        return name.StartsWith('.') || s_skipped.Contains(name) || File.Exists(Path.Combine(folder, "pyvenv.cfg")) || Matches(_exclude, folder);
    }

    /// <summary>What a change of a file means; <paramref name="isImported"/>: it is a module of the application, wherever it is.</summary>
    internal SourceKind KindOf(string file, bool isImported)
    {
        if (Matches(_exclude, file))
        {
            return SourceKind.None;
        }

        if (isImported)
        {
            return SourceKind.Code;
        }

        if (!Folders.Any(folder => IsBelow(file, folder)))
        {
            return SourceKind.None;
        }

        if (Matches(_include, file))
        {
            return SourceKind.Code;
        }

        string name = Path.GetFileName(file);
        string extension = Path.GetExtension(name);
        return name is ".env" or ".flaskenv" ? SourceKind.Code
            : name.StartsWith('.') ? SourceKind.None
            : s_code.Contains(extension) ? SourceKind.Code
            : extension.Equals(".css", StringComparison.OrdinalIgnoreCase) ? SourceKind.Style
            : s_assets.Contains(extension) ? SourceKind.Asset
            : extension is ".txt" or ".xml" or ".md" && IsTemplate(file) ? SourceKind.Code
            : SourceKind.None;
    }

    private static bool IsTemplate(string file) => file.Split('/').Contains("templates");

    private bool Matches(string[] patterns, string path)
    {
        foreach (string pattern in patterns)
        {
            if (pattern.Contains('/')
                ? Folders.Any(folder => IsBelow(path, folder) && FileSystemName.MatchesSimpleExpression(pattern, path.AsSpan(folder.Length + 1), ignoreCase: false))
                : FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path.AsSpan()), ignoreCase: false))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBelow(string path, string folder) =>
        path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal);
}
