using System.CommandLine;
using Darter.Cli.Options;

namespace Darter.Cli.Settings;

/// <summary>
/// Relative paths: in a TOML file from its folder on; elsewhere from the application's folder on, as with Gunicorn, but for
/// those that are needed to find it.
/// </summary>
internal static class FilePaths
{
    private const string Unix = "unix:";

    /// <summary>Makes the paths absolute that a TOML file in <paramref name="folder"/> has for an option.</summary>
    internal static SettingValue FromFile(Option option, SettingValue value, string folder) =>
        value.Kind is SettingKind.Text or SettingKind.List ? value with { Items = [.. Absolute(option, value.Items, folder)] } : value;

    /// <summary>Makes the paths absolute that a command started in <paramref name="launchFolder"/> has for an option.</summary>
    internal static IReadOnlyList<string> Resolve(Option option, IReadOnlyList<string> values, string folder, string launchFolder) =>
        folder == launchFolder ? values
        : [.. Absolute(option, values, option.Name is "--chdir" or "--config" or "--python" ? launchFolder : folder)];

    private static IEnumerable<string> Absolute(Option option, IEnumerable<string> items, string folder) => (option.HelpName, option.Name) switch
    {
        ("FILE" or "DIR", _) or (_, "--control-socket") => items.Select(item => IsRelative(item) ? Path.GetFullPath(item, folder) : item),
        ("ADDRESS", _) => items.Select(item => item.StartsWith(Unix, StringComparison.Ordinal) && IsRelative(item[Unix.Length..])
            ? $"{Unix}{Path.GetFullPath(item[Unix.Length..], folder)}"
            : item),

        (FolderMapping.Form, _) => items.Select(item => item.IndexOf('=', StringComparison.Ordinal) is > 0 and var sign && IsRelative(item[(sign + 1)..])
            ? $"{item[..sign]}={Path.GetFullPath(item[(sign + 1)..], folder)}"
            : item),

        // Without a slash it is looked for on PATH.
        (_, "--python") => items.Select(item => item.Contains('/') && IsRelative(item) ? Path.GetFullPath(item, folder) : item),
        _ => items,
    };

    // '-' is standard output, and 'syslog:' or the like no path.
    private static bool IsRelative(string item) => item.Length > 0 && item != "-" && item[0] != '/' && !item.Contains(':');
}
