using System.Text.RegularExpressions;

namespace Darter.Cli;

/// <summary>
/// Finds the interpreter of the workers: what the user names, else the one that ran the Python package (<c>python -m darter</c>,
/// the command of a virtual environment), else the active virtual environment, else one beside the target, if that is a file
/// or a folder, or in the application's folder (<c>.venv</c>, <c>venv</c>), else <c>python3</c>.
/// </summary>
internal static partial class PythonLocator
{
    /// <summary>Returns the path of an executable and what it was chosen for, or null when there is none.</summary>
    internal static (string Path, string Reason)? Find(string? named, string target, string folder)
    {
        if (named is not null)
        {
            string? path = named.Contains('/', StringComparison.Ordinal) ? Executable(System.IO.Path.GetFullPath(named)) : OnPath(named);
            return path is null ? null : (path, "--python");
        }

        (string Rank, string Path)? launching = Launching();
        if (launching is { Rank: "first" } first)
        {
            return (first.Path, "it runs darter");
        }

        if (Environment.GetEnvironmentVariable("VIRTUAL_ENV") is { Length: > 0 } active
            && Executable(System.IO.Path.Combine(active, "bin", "python")) is { } inActive)
        {
            return (inActive, "$VIRTUAL_ENV");
        }

        foreach (string place in (string[])[TargetFolder(target, folder), folder])
        {
            foreach (string name in (string[])[".venv", "venv"])
            {
                if (Executable(System.IO.Path.Combine(place, name, "bin", "python")) is { } beside)
                {
                    return (beside, $"{name} beside the application");
                }
            }
        }

        if (launching is { } last)
        {
            return (last.Path, "it runs darter");
        }

        return OnPath("python3") is { } found ? (found, "python3 on PATH") : null;
    }

    /// <summary>The interpreter that started this process, as the Python package says, and whether it comes first or last.</summary>
    private static (string Rank, string Path)? Launching() =>
        Environment.GetEnvironmentVariable("_DARTER_INTERPRETER")?.Split(' ', 2) is [var rank, var path] && Executable(path) is { } found ? (rank, found) : null;

    /// <summary>The folder that the target is or that has the file it names, else <paramref name="folder"/>.</summary>
    private static string TargetFolder(string target, string folder)
    {
        string path = System.IO.Path.GetFullPath(FileTarget().Match(target) is { Success: true } file ? file.Groups[1].Value : target, folder);
        return Directory.Exists(path) ? path : File.Exists(path) ? System.IO.Path.GetDirectoryName(path)! : folder;
    }

    private static string? OnPath(string name)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Executable(System.IO.Path.Combine(folder, name))).FirstOrDefault(path => path is not null);
    }

    private static string? Executable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0
            ? path
            : null;

    [GeneratedRegex(@"^(.+?\.py)(?::|$)", RegexOptions.Singleline)]
    private static partial Regex FileTarget();
}
