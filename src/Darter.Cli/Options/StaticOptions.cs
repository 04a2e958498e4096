using System.CommandLine;
using Darter.Server.Configuration;

namespace Darter.Cli.Options;

/// <summary>Folders that the front serves beside the application.</summary>
internal sealed class StaticOptions : IOptionGroup
{
    internal Option<string[]> Static { get; } = new("--static")
    {
        Description = "Serve the files of a folder below a path of the URL, without the application; may be repeated",
        HelpName = FolderMapping.Form,
        DefaultValueFactory = _ => [],
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Static];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        // / would leave nothing to the application.
        IReadOnlyList<FolderConfig> folders = FolderMapping.ReadAll(Static, result.GetValue(Static)!, config);
        if (folders.Any(folder => folder.Prefix.Length == 0))
        {
            config.Errors.Add("--static: / would leave nothing to the application; name a path such as /static, or use 'darter files'");
        }

        config.Server = config.Server with { Folders = [.. folders.Select(folder => folder with { ImmutableNames = true })] };
    }
}
