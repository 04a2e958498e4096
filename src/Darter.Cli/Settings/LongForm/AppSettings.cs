using System.CommandLine;

namespace Darter.Cli.Settings.LongForm;

/// <summary>Which settings an application has for itself. All others are those of the server as a whole.</summary>
internal static class AppSettings
{
    private static readonly HashSet<string> s_flags =
    [
        "--interface", "--loop", "--lifespan", "--root-path", "--python", "--chdir",
        "--workers", "--threads", "--graceful-timeout", "--graceful-stream-timeout", "--preload",
        "--timeout", "--request-timeout", "--retry-idempotent",
        "--max-requests", "--max-requests-jitter", "--max-memory",
        "--max-queue", "--queue-timeout",
        "--pythonpath", "--env",
        "--user", "--group", "--initgroups",
    ];

    /// <summary>The name of an application that has no table of its own.</summary>
    internal const string OnlyName = "app";

    /// <summary>Their flags.</summary>
    internal static IReadOnlySet<string> Flags => s_flags;

    /// <summary>Whether an option is one of them.</summary>
    internal static bool Has(Option option) => s_flags.Contains(option.Name);

    /// <summary>Whether it will do as the name of an application or of an upstream.</summary>
    internal static bool IsName(string name) => name.Length is > 0 and <= 64 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
}
