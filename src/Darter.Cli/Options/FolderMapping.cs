using System.CommandLine;
using Darter.Server.Configuration;

namespace Darter.Cli.Options;

/// <summary>Values that give a path of the URL a folder.</summary>
internal static class FolderMapping
{
    /// <summary>The form of the value.</summary>
    internal const string Form = "/URL=DIR";

    /// <summary>Reads an option's values, the longest path first, so that /static/admin comes before /static whatever the order.</summary>
    internal static IReadOnlyList<FolderConfig> ReadAll(Option option, IEnumerable<string> texts, RunConfigBuilder config)
    {
        List<FolderConfig> folders = [];
        foreach (string text in texts)
        {
            if (Read(option, text, config) is { } folder)
            {
                if (folders.Any(other => other.Prefix == folder.Prefix))
                {
                    config.Errors.Add($"{option.Name}: two folders for {(folder.Prefix.Length == 0 ? "/" : folder.Prefix)}");
                }

                folders.Add(folder);
            }
        }

        return [.. folders.OrderByDescending(folder => folder.Prefix.Length)];
    }

    /// <summary>The folder of an option, absolute; null: there is none, which is in the errors.</summary>
    internal static string? FindFolder(Option option, string text, RunConfigBuilder config)
    {
        string folder = Path.GetFullPath(text, Path.GetFullPath(config.Workers.WorkingDirectory is { Length: > 0 } working ? working : "."));
        if (Directory.Exists(folder))
        {
            return folder;
        }

        config.Errors.Add($"{option.Name}: there is no folder '{folder}'");
        return null;
    }

    private static FolderConfig? Read(Option option, string text, RunConfigBuilder config)
    {
        int sign = text.IndexOf('=', StringComparison.Ordinal);
        if (sign < 0 || sign == text.Length - 1 || !text.StartsWith('/'))
        {
            config.Errors.Add($"{option.Name}: '{text}' is not {Form}: write /static=public, for example");
            return null;
        }

        string prefix = text[..sign].TrimEnd('/');
        if (prefix.Length > 0
            && (prefix.Any(character => !char.IsAsciiLetterOrDigit(character) && !"/-._~".Contains(character, StringComparison.Ordinal))
                || prefix.Split('/').Skip(1).Any(part => part is "" or "." or "..")))
        {
            config.Errors.Add($"{option.Name}: the path '{prefix}' must be of letters, digits and -._~ between single slashes");
            return null;
        }

        return FindFolder(option, text[(sign + 1)..], config) is { } folder ? new FolderConfig { Prefix = prefix, Folder = folder } : null;
    }
}
