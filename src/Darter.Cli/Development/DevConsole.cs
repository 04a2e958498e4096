using System.Globalization;
using Darter.Workers.Sources;

namespace Darter.Cli.Development;

/// <summary>What <c>darter dev</c> tells whoever develops, on standard error.</summary>
internal static class DevConsole
{
    private const int MostNamed = 3;

    private static bool ShowsColors { get; } = Terminal.ShowsColors(Console.IsErrorRedirected);

    /// <summary>The server is there.</summary>
    internal static void Started(string target, string? address, string? pin, bool reloads)
    {
        Write("");
        Write($"  {Bold("darter dev")}  {target}");
        Write($"  {Green("➜")}  {(address is null ? "listening" : Cyan(address))}");
        if (pin is not null)
        {
            Write($"  {Dim("debugger PIN")} {pin}");
        }

        Write($"  {Dim(reloads ? "reloads when a source changes; Ctrl-C ends it" : "Ctrl-C ends it")}");
        Write("");
    }

    /// <summary>The new code serves.</summary>
    internal static void Reloaded(SourceChanges changes, string root, TimeSpan time) =>
        Write($"{Green("reloaded")} {Dim($"in {Seconds(time)}:")} {Names(changes, root)}");

    /// <summary>The new code does not serve; the reason is in the log.</summary>
    internal static void NotReloaded(SourceChanges changes, string root) => Write($"{Red("not reloaded:")} {Names(changes, root)}");

    /// <summary>Anything else that he should know.</summary>
    internal static void Note(string text) => Write($"{Yellow("note:")} {text}");

    private static string Names(SourceChanges changes, string root)
    {
        string[] names = [.. changes.Files.Take(MostNamed).Select(file => Path.GetRelativePath(root, file))];
        int more = changes.Files.Count - names.Length;
        return names.Length == 0 ? "many files" : string.Join(", ", names) + (more > 0 ? $" and {more} more" : "");
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture);

    private static string Bold(string text) => Paint("1", text);

    private static string Dim(string text) => Paint("2", text);

    private static string Red(string text) => Paint("31", text);

    private static string Green(string text) => Paint("32", text);

    private static string Yellow(string text) => Paint("33", text);

    private static string Cyan(string text) => Paint("36", text);

    private static string Paint(string code, string text) => ShowsColors ? $"\e[{code}m{text}\e[0m" : text;

    private static void Write(string line) => Console.Error.WriteLine(line);
}
