using System.Text.RegularExpressions;
using Darter.Cli.Settings;
using Darter.Cli.Settings.Gunicorn;
using Darter.Testing;

namespace Darter.Cli.Tests;

/// <summary>docs/reference/gunicorn.md, the table in the code and the names that the Python side knows are the same.</summary>
public partial class GunicornReferenceTests
{
    public static TheoryData<string> Flags => new(GunicornReference.Rows.SelectMany(row => row.Flags));

    [Fact]
    public void Page_Rows_AreTheSettingsOfTheCode()
    {
        Assert.Equal(GunicornSettings.All.Select(setting => setting.Name), GunicornReference.Rows.Select(row => row.Name));
        foreach ((GunicornSetting setting, GunicornReferenceRow row) in GunicornSettings.All.Zip(GunicornReference.Rows))
        {
            string here = setting.Treatment switch
            {
                GunicornTreatment.Same => "same",
                GunicornTreatment.Mapped => "mapped",
                GunicornTreatment.NoEffect => "no effect",
                GunicornTreatment.Hook when setting.Reason.Length == 0 => "called",
                _ => "refused",
            };
            Assert.Equal((setting.Name, here), (row.Name, row.Here));
            Assert.Equal(setting.Flags, row.Flags);
            Assert.Equal(setting.Option == OptionTable.Target ? null : setting.Option, row.Option);
        }
    }

    [Fact]
    public void Page_Rows_AreTheNamesThatPythonKnows()
    {
        string python = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "python", "darter", "gunicorn_config.py"));
        string settings = Regex.Match(python, "SETTINGS = frozenset\\(\\s*\"\"\"(.*?)\"\"\"", RegexOptions.Singleline).Groups[1].Value;
        string hooks = Regex.Match(python, "HOOKS: .*?\\{(.*?)^\\}", RegexOptions.Singleline | RegexOptions.Multiline).Groups[1].Value;
        IEnumerable<string> known = [.. settings.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries), .. Quoted().Matches(hooks).Select(match => match.Groups[1].Value)];
        Assert.Equal(GunicornReference.Rows.Select(row => row.Name).Order(), known.Order());
    }

    /// <summary>Options without which that of the row makes no sense.</summary>
    private static string[] NeededBy(GunicornReferenceRow row) => row.Name switch
    {
        "keyfile" or "ca_certs" or "ciphers" => ["--certfile", "c.pem"],
        "cert_reqs" => ["--certfile", "c.pem", "--ca-certs", "ca.pem"],
        _ => [],
    };

    [Theory]
    [MemberData(nameof(Flags))]
    public async Task Flag_OfEachRow_DoesWhatTheRowSays(string flag)
    {
        GunicornReferenceRow row = GunicornReference.Rows.Single(row => row.Flags.Contains(flag));
        GunicornSetting setting = GunicornSettings.Find(row.Name)!;
        using SettingsFixture fixture = new();
        fixture.Write("x.toml", "");
        string[] line = setting.Takes == GunicornValue.None ? [flag, "app:x"] : [flag, ValueFor(row), "app:x"];
        LoadedConfig loaded = await fixture.LoadAsync([.. line, .. NeededBy(row)]);
        switch (row.Here)
        {
            case "same":
                Assert.Empty(loaded.Errors);
                if (row.Option is not ("--check-config" or "--print-config"))
                {
                    Assert.Equal(flag, loaded.Settings.Single(set => set.Name == row.Option![2..].Replace('-', '_')).Origin.Place);
                }

                break;
            case "refused":
                Assert.StartsWith($"{flag}: ", Assert.Single(loaded.Errors), StringComparison.Ordinal);
                break;
            default:
                Assert.Empty(loaded.Errors);
                Assert.StartsWith($"{flag}: ", Assert.Single(loaded.Notices), StringComparison.Ordinal);
                break;
        }

        if (loaded.Config is not null)
        {
            Assert.Equal("app:x", loaded.Config.Workers.Target);
        }
    }

    private static string ValueFor(GunicornReferenceRow row) => row.Name switch
    {
        "config" => "x.toml",
        "umask" or "control_socket_mode" => "007",
        "proxy_protocol" => "v1",
        "bind" => ":1",
        "raw_env" => "A=1",
        _ => Regex.Match(row.Python, "= \\[?'?([^'\\]]*)").Groups[1].Value,
    };

    [GeneratedRegex("\"(\\w+)\":")]
    private static partial Regex Quoted();
}
