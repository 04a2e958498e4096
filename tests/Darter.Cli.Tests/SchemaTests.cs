using Darter.Cli.Options;
using Darter.Cli.Settings;
using Darter.Cli.Settings.LongForm;

namespace Darter.Cli.Tests;

/// <summary>The JSON Schema of darter.toml.</summary>
public class SchemaTests
{
    internal static OptionTable Table => new(new RunOptions().Groups.SelectMany(group => group.All), []);

    [Fact]
    public void CommittedFile_IsWhatTheCommandPrints() =>
        // darter check --schema > docs/darter.schema.json
        Assert.Equal(ConfigSchema.Write(Table), File.ReadAllText(Path.Combine(Darter.Testing.RepositoryPaths.Root, "docs", "darter.schema.json")));
}
