using System.CommandLine;

namespace Darter.Cli.Options;

/// <summary>Files that the front sends since the application names them in its answer.</summary>
internal sealed class NamedFileOptions : IOptionGroup
{
    internal Option<string[]> Sendfile { get; } = new("--x-sendfile")
    {
        Description = "Send the files that the application names in X-Sendfile, if they lie in this folder; may be repeated",
        HelpName = "DIR",
        DefaultValueFactory = _ => [],
    };

    internal Option<string[]> Accel { get; } = new("--x-accel")
    {
        Description = "Send the files of a folder that the application names in X-Accel-Redirect by a path of the URL; may be repeated",
        HelpName = FolderMapping.Form,
        DefaultValueFactory = _ => [],
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Sendfile, Accel];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result) => config.Server = config.Server with
    {
        SendfileFolders = [.. result.GetValue(Sendfile)!.Select(text => FolderMapping.FindFolder(Sendfile, text, config)).OfType<string>()],
        AccelFolders = FolderMapping.ReadAll(Accel, result.GetValue(Accel)!, config),
    };
}
