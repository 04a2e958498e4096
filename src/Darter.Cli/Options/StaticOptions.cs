using System.CommandLine;
using Darter.Server.Configuration;

namespace Darter.Cli.Options;

/// <summary>Folders that the front serves beside the application.</summary>
internal sealed class StaticOptions : IOptionGroup
{
    /// <summary>The form of the value.</summary>
    internal const string Form = "/URL=DIR";

    internal Option<string[]> Static { get; } = new("--static")
    {
        Description = "Serve the files of a folder below a path of the URL, without the application; may be repeated",
        HelpName = Form,
        DefaultValueFactory = _ => [],
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Static];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        List<FolderConfig> folders = [];
        foreach (string text in result.GetValue(Static)!)
        {
            if (FolderOf(text, config) is { } folder)
            {
                if (folders.Any(other => other.Prefix == folder.Prefix))
                {
                    config.Errors.Add($"--static: two folders for {folder.Prefix}");
                }

                folders.Add(folder);
            }
        }

        // /static/admin before /static, whatever the order they are given in.
        config.Server = config.Server with { Folders = [.. folders.OrderByDescending(folder => folder.Prefix.Length)] };
    }

    private static FolderConfig? FolderOf(string text, RunConfigBuilder config)
    {
        int sign = text.IndexOf('=', StringComparison.Ordinal);
        string prefix = sign < 0 ? "" : text[..sign].TrimEnd('/');
        if (sign < 0 || sign == text.Length - 1 || !text.StartsWith('/'))
        {
            config.Errors.Add($"--static: '{text}' is not {Form}: write /static=public, for example");
            return null;
        }

        if (prefix.Length == 0)
        {
            config.Errors.Add("--static: / would leave nothing to the application; name a path such as /static, or use 'darter files'");
            return null;
        }

        if (prefix.Any(character => !char.IsAsciiLetterOrDigit(character) && !"/-._~".Contains(character, StringComparison.Ordinal))
            || prefix.Split('/').Skip(1).Any(part => part is "" or "." or ".."))
        {
            config.Errors.Add($"--static: the path '{prefix}' must be of letters, digits and -._~ between single slashes");
            return null;
        }

        string folder = Path.GetFullPath(text[(sign + 1)..], Path.GetFullPath(config.Workers.WorkingDirectory is { Length: > 0 } working ? working : "."));
        if (!Directory.Exists(folder))
        {
            config.Errors.Add($"--static: there is no folder '{folder}'");
            return null;
        }

        return new FolderConfig { Prefix = prefix, Folder = folder, ImmutableNames = true };
    }
}
