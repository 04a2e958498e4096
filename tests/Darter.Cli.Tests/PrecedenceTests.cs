using Darter.Cli.Settings;

namespace Darter.Cli.Tests;

/// <summary>Flag, environment, GUNICORN_CMD_ARGS, file, default: in this order.</summary>
public class PrecedenceTests
{
    [Theory]
    [InlineData(0, "--workers", 2)]
    [InlineData(1, "DARTER_WORKERS", 3)]
    [InlineData(2, "GUNICORN_CMD_ARGS", 4)]
    [InlineData(3, "darter.toml:1", 5)]
    [InlineData(4, "WEB_CONCURRENCY", 6)]
    [InlineData(5, "default", 0)]
    public async Task Value_OfTheStrongestSource_Holds(int strongest, string origin, int expected)
    {
        using SettingsFixture fixture = new();
        Action[] sources =
        [
            () => { },
            () => fixture.Environment["DARTER_WORKERS"] = "3",
            () => fixture.Environment["GUNICORN_CMD_ARGS"] = "-w 4",
            () => fixture.Write("darter.toml", "workers = 5"),
            () => fixture.Environment["WEB_CONCURRENCY"] = "6",
        ];
        foreach (Action set in sources.Skip(strongest))
        {
            set();
        }

        LoadedConfig loaded = await fixture.LoadAsync(strongest == 0 ? ["--workers", "2"] : []);
        Assert.Empty(loaded.Errors);
        Assert.Equal(expected == 0 ? Environment.ProcessorCount : expected, loaded.Config!.Workers.Workers);
        Assert.Equal(origin, loaded.Settings.Single(setting => setting.Name == "workers").Origin.ToString());
    }

    [Theory]
    [InlineData("DARTER_KEEPALIVE", "7", "keep_alive", "7")]
    [InlineData("DARTER_KEEP_ALIVE", "250ms", "keep_alive", "0.25")]
    [InlineData("DARTER_BIND", "127.0.0.1:1, unix:/x", "bind", "127.0.0.1:1|unix:/x")]
    [InlineData("DARTER_WS_PER_MESSAGE_DEFLATE", "0", "ws_per_message_deflate", "false")]
    [InlineData("DARTER_TARGET", "shop:app", "target", "shop:app")]
    [InlineData("DARTER_WSGI_APP", "shop:app", "target", "shop:app")]
    [InlineData("DARTER_LOGLEVEL", "WARNING", "log_level", "warning")]
    [InlineData("PORT", "5000", "bind", "0.0.0.0:5000")]
    [InlineData("DARTER_THREADS", "", "threads", "1")]
    public async Task Environment_Variables_SetTheirOption(string variable, string value, string name, string expected)
    {
        using SettingsFixture fixture = new();
        fixture.Environment[variable] = value;
        LoadedConfig loaded = await fixture.LoadAsync();
        Assert.Empty(loaded.Errors);
        EffectiveSetting setting = loaded.Settings.Single(setting => setting.Name == name);
        Assert.Equal(expected, string.Join('|', setting.Values));
        Assert.Equal(value.Length == 0 ? "default" : variable, setting.Origin.ToString());
    }

    [Theory]
    [InlineData("DARTER_WORKRES", 1)]
    [InlineData("DARTER_SERVICE_HOST", 0)]
    [InlineData("DARTER_PORT_8000_TCP", 0)]
    [InlineData("SDARTER_WORKRES", 0)]
    public async Task Environment_OtherVariables_AreMentionedIfTheyLookMistyped(string variable, int notices)
    {
        using SettingsFixture fixture = new();
        fixture.Environment[variable] = "1";
        LoadedConfig loaded = await fixture.LoadAsync();
        Assert.Empty(loaded.Errors);
        Assert.Equal(notices, loaded.Notices.Count);
    }

    [Theory]
    [InlineData("'open", "GUNICORN_CMD_ARGS: a quotation does not end")]
    [InlineData("--nope", "GUNICORN_CMD_ARGS: there is no option '--nope'")]
    [InlineData("--workers many", "GUNICORN_CMD_ARGS: --workers: must be a whole number, not 'many'")]
    [InlineData("--ssl-version 3", "GUNICORN_CMD_ARGS: --ssl-version: TLS 1.2 and 1.3 are spoken")]
    public async Task CommandArguments_ThatAreWrong_AreReported(string text, string expected)
    {
        using SettingsFixture fixture = new();
        fixture.Environment["GUNICORN_CMD_ARGS"] = text;
        Assert.StartsWith(expected, Assert.Single((await fixture.LoadAsync()).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandArguments_WithATarget_HaveItNotedAndIgnoredAsGunicornDoes()
    {
        using SettingsFixture fixture = new();
        fixture.Environment["GUNICORN_CMD_ARGS"] = "-w 3 other:app";
        LoadedConfig loaded = await fixture.LoadAsync("shop:app");
        Assert.Equal("shop:app", loaded.Config!.Workers.Target);
        Assert.Contains("'other:app' has no effect", Assert.Single(loaded.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notices_OfOverriddenValues_AreNotGiven()
    {
        using SettingsFixture fixture = new();
        fixture.Write("darter.toml", "limit_request_line = 0");
        Assert.Single((await fixture.LoadAsync()).Notices);
        Assert.Empty((await fixture.LoadAsync("--limit-request-line", "4094")).Notices);
    }
}
