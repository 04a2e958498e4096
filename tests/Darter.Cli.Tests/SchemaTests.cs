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

    [Fact]
    public void Options_AreKeysOfTheFile()
    {
        string[] commands = ["config", "check_config", "print_config"];
        ConfigShape shape = new(Table);
        Assert.Equal(
            Table.Options.Select(OptionTable.NameOf).Except(commands).Order(),
            shape.Root.Keys.Select(key => key.Name).Except(["target", "tls", "apps", "upstreams", "routes", "dev"]).Order());
        Assert.All(AppSettings.Flags, flag => Assert.NotNull(Table.OfFlag(flag)));
        Assert.Equal(AppSettings.Flags.Count + 1, shape.App.Keys.Count);
    }

    [Fact]
    public void Keys_OfTheSections_AreSettings()
    {
        ConfigShape shape = new(Table);
        Assert.All(shape.Cache.Shape.Keys, key => Assert.NotNull(Table.OfName(shape.Cache.SettingOf(key.Name)!)));
        Assert.All(shape.Acme.Shape.Keys, key => Assert.NotNull(Table.OfName(shape.Acme.SettingOf(key.Name)!)));
        Assert.All(shape.Tls.Shape.Keys.Where(key => key.Name is not ("certificates" or "acme")), key => Assert.NotNull(Table.OfName(shape.Tls.SettingOf(key.Name)!)));
        Assert.Equal(12, shape.Tls.Shape.Keys.Count);
    }
}
