using System.Globalization;

namespace Darter.Cli;

/// <summary>The terminal that this process may have been started from.</summary>
internal static class Terminal
{
    // Of /proc/PID/stat behind the name: state, parent, process group, session, terminal, the terminal's foreground group.
    private const int ProcessGroup = 2;
    private const int ForegroundGroup = 5;

    /// <summary>Whether an output shows colours: it is a terminal, and nobody asked for none (no-color.org).</summary>
    internal static bool ShowsColors(bool isRedirected) =>
        !isRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>
    /// Whether this process is in the foreground of a terminal, which sends SIGWINCH whenever its window changes its size.
    /// </summary>
    internal static bool IsForeground
    {
        get
        {
            string stat = File.ReadAllText("/proc/self/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return Number(ForegroundGroup) > 0 && Number(ForegroundGroup) == Number(ProcessGroup);

            int Number(int index) => int.Parse(fields[index], CultureInfo.InvariantCulture);
        }
    }
}
