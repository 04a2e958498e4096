using System.Globalization;
using Darter.Testing.Native;

namespace Darter.Testing.Processes;

/// <summary>What /proc tells about processes.</summary>
public static class LinuxProcess
{
    /// <summary>Sends a signal; false when there is no such process.</summary>
    public static bool Send(int pid, Signal signal) => Libc.kill(pid, (int)signal) == 0;

    /// <summary>The state letter of a process, such as R, S or Z; null when it does not exist.</summary>
    public static char? State(int pid) => Stat(pid) is { } fields ? fields[0][0] : null;

    /// <summary>Whether a process exists and is not a zombie.</summary>
    public static bool IsRunning(int pid) => State(pid) is not (null or 'Z' or 'X');

    /// <summary>The processes whose parent is <paramref name="pid"/>, zombies included.</summary>
    public static IReadOnlyList<int> Children(int pid) =>
        All().Where(candidate => Stat(candidate) is { } fields && int.Parse(fields[1], CultureInfo.InvariantCulture) == pid).Order().ToList();

    /// <summary>The processes that were started with <paramref name="variable"/>=<paramref name="value"/> in their environment, zombies not included.</summary>
    public static IReadOnlyList<int> WithEnvironment(string variable, string value) =>
        All().Where(pid => HasEnvironment(pid, $"{variable}={value}")).ToList();

    /// <summary>Number of open file descriptors.</summary>
    public static int DescriptorCount(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;

    /// <summary>What the open file descriptors refer to, for messages.</summary>
    public static IEnumerable<string> Descriptors(int pid) =>
        Directory.GetFileSystemEntries($"/proc/{pid}/fd").Select(path => File.ResolveLinkTarget(path, false)?.Name ?? "?").Order();

    /// <summary>Number of threads.</summary>
    public static int ThreadCount(int pid) => Directory.GetDirectories($"/proc/{pid}/task").Length;

    /// <summary>Resident memory that belongs to the process alone or is its own copy, in kilobytes.</summary>
    public static long AnonymousMemory(int pid) =>
        long.Parse(
            File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);

    private static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture, out int pid) ? pid : 0)
            .Where(pid => pid > 0);

    // The fields of /proc/PID/stat from the state on; the command before it may contain anything.
    private static string[]? Stat(int pid)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static bool HasEnvironment(int pid, string entry)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/environ").Split('\0').Contains(entry);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
