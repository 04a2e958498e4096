namespace Darter.Cli.Service;

/// <summary>How this process was started, so that it can be again.</summary>
internal static class SelfExecutable
{
    /// <summary>
    /// The executable's path. As it was typed where that leads to this program, since a symbolic link may lead to a newer
    /// one by the time it matters; remembered from the start, since the kernel marks the path of a file that was replaced.
    /// </summary>
    internal static string Path { get; } = Find();

    /// <summary>The arguments, without the program's name.</summary>
    internal static IReadOnlyList<string> Arguments { get; } = Environment.GetCommandLineArgs()[1..];

    /// <summary>Looks it all up now, before anything can change.</summary>
    internal static void Remember() => _ = Path;

    private static string Find()
    {
        string real = Environment.ProcessPath!;
        string typed = File.ReadAllText("/proc/self/cmdline").Split('\0')[0];
        if (!typed.Contains('/', StringComparison.Ordinal))
        {
            return real;
        }

        string path = System.IO.Path.GetFullPath(typed);
        try
        {
            return RealPath(path) == RealPath(real) ? path : real;
        }
        catch (IOException)
        {
            return real;
        }
    }

    private static string RealPath(string path)
    {
        // Links may be anywhere in the path: opened, the kernel has followed them all.
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(path);
        return File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)!.FullName;
    }
}
