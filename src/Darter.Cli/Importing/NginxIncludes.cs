using System.IO.Enumeration;

namespace Darter.Cli.Importing;

/// <summary>
/// Puts the directives of other files in the place of <c>include</c>. A name without a leading slash is meant from nginx's folder on: that
/// with <c>nginx.conf</c>, at or above the file that is imported, else <c>/etc/nginx</c>; or from the file's own.
/// </summary>
/// <param name="path">The file that is imported.</param>
/// <param name="result">Is told what could not be included.</param>
internal sealed class NginxIncludes(string path, ImportResult result)
{
    private const int Deepest = 16;
    private const int MostFiles = 500;
    private const int Largest = 1024 * 1024;
    private const string Prefix = "/etc/nginx";

    // Nothing but what Darter sees to itself.
    private static readonly string[] s_known = ["mime.types", "uwsgi_params", "fastcgi_params", "fastcgi.conf", "scgi_params", "proxy_params"];

    private readonly Stack<string> _open = new([path]);
    private int _count;

    /// <summary>The directives, with those of the files.</summary>
    internal IReadOnlyList<NginxDirective> Expand(IReadOnlyList<NginxDirective> directives)
    {
        List<NginxDirective> all = [];
        foreach (NginxDirective directive in directives)
        {
            if (directive is { Name: "include", Block: null })
            {
                all.AddRange(Include(directive));
            }
            else
            {
                all.Add(directive.Block is { } block ? directive with { Block = Expand(block) } : directive);
            }
        }

        return all;
    }

    private List<NginxDirective> Include(NginxDirective include)
    {
        string name = include.First;
        if (s_known.Contains(Path.GetFileName(name)))
        {
            Note(include, "needs no setting: Darter sees to it");
            return [];
        }

        List<NginxDirective> all = [];
        string[] files = Find(name);
        if (files.Length == 0 && !name.Contains('*'))
        {
            Note(include, "there is no such file here: import it on its own");
        }

        foreach (string file in files)
        {
            if (_open.Contains(file) || _open.Count > Deepest || ++_count > MostFiles)
            {
                Note(include, $"{file} is left out: files include each other, or there are too many");
                continue;
            }

            all.AddRange(Read(include, file));
        }

        return all;
    }

    private IReadOnlyList<NginxDirective> Read(NginxDirective include, string file)
    {
        string text;
        try
        {
            if (new FileInfo(file).Length > Largest)
            {
                Note(include, $"{file} is left out: it is larger than 1 MiB");
                return [];
            }

            text = File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Note(include, exception.Message);
            return [];
        }

        _open.Push(file);
        IReadOnlyList<NginxDirective> read = Expand(In(NginxFile.Parse(text, file), file));
        _open.Pop();
        return read;
    }

    /// <summary>The same directives, which know their file.</summary>
    private static IReadOnlyList<NginxDirective> In(IReadOnlyList<NginxDirective> directives, string file) =>
        [.. directives.Select(directive => directive with { File = file, Block = directive.Block is { } block ? In(block, file) : null })];

    private string[] Find(string name)
    {
        foreach (string folder in Folders())
        {
            string[] found = Matching(Path.GetFullPath(name, folder));
            if (found.Length > 0)
            {
                return found;
            }
        }

        return [];
    }

    private IEnumerable<string> Folders()
    {
        string own = Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : "/";
        for (string? above = own; above is not null; above = Path.GetDirectoryName(above))
        {
            if (File.Exists(Path.Combine(above, "nginx.conf")))
            {
                yield return above;
            }
        }

        yield return own;
        yield return Prefix;
    }

    /// <summary>The files that a pattern means, in nginx's order: by their names.</summary>
    private static string[] Matching(string pattern)
    {
        List<string> paths = ["/"];
        string[] parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            bool isLast = i == parts.Length - 1;
            paths = [.. paths.SelectMany(folder => Below(folder, parts[i], isLast)).Take(MostFiles + 1)];
        }

        return [.. paths.Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Below(string folder, string part, bool isLast)
    {
        if (!part.Contains('*') && !part.Contains('?'))
        {
            string one = Path.Combine(folder, part);
            return (isLast ? File.Exists(one) : Directory.Exists(one)) ? [one] : [];
        }

        try
        {
            // A name that begins with a dot is meant by a pattern that does, as in a shell.
            return [.. (isLast ? Directory.EnumerateFiles(folder) : Directory.EnumerateDirectories(folder)).Where(found => Fits(Path.GetFileName(found)))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        bool Fits(string name) => (part[0] == '.' || name[0] != '.') && FileSystemName.MatchesSimpleExpression(part, name, ignoreCase: false);
    }

    private void Note(NginxDirective directive, string why) => result.Note(directive.File, directive.Line, directive.ToString(), why);
}
