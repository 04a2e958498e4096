using Darter.Cli.Settings;
using Darter.Server.Configuration;

namespace Darter.Cli.Tests;

/// <summary>The settings of <c>darter dev</c>: what differs from production, and what decides.</summary>
public class DevelopmentTests
{
    [Fact]
    public async Task Defaults_AreThoseOfALaptop()
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadDevelopmentAsync();
        Assert.Empty(loaded.Errors);
        Assert.Equal("127.0.0.1:8000", loaded.Config!.Server.Binds.Single().Text);
        Assert.Equal((1, 8), (loaded.Config.Workers.Workers, loaded.Config.Workers.Threads));
        Assert.Equal(TimeSpan.Zero, loaded.Config.Workers.Timeout);
        Assert.Equal(TimeSpan.Zero, loaded.Config.Workers.StreamLeaveTime);
        Assert.True(loaded.Config.Development!.Reloads);
        Assert.True(loaded.Config.Server.LiveReload);
        Assert.Matches(@"^\d{3}-\d{3}-\d{3}$", loaded.Config.Workers.Development!.Pin!);
        Assert.Equal("darter dev", loaded.Settings.Single(setting => setting.Name == "bind").Origin.ToString());
    }

    [Fact]
    public async Task Run_HasNothingOfIt()
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadAsync();
        Assert.Null(loaded.Config!.Development);
        Assert.Null(loaded.Config.Workers.Development);
        Assert.False(loaded.Config.Server.LiveReload);
        Assert.Contains("--debugger", Assert.Single((await fixture.LoadAsync("--debugger")).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_OfProduction_IsWeaker_ItsDevTableIsStronger()
    {
        using SettingsFixture fixture = new();
        fixture.Write("darter.toml", "workers = 3\nbind = '0.0.0.0:80'\nkeep_alive = 7\nthreads = 2\n[dev]\nbind = '127.0.0.1:5000'\nreload_exclude = ['gen/*']\n");
        LoadedConfig loaded = await fixture.LoadDevelopmentAsync();
        Assert.Empty(loaded.Errors);
        Assert.Equal("127.0.0.1:5000", loaded.Config!.Server.Binds.Single().Text);
        Assert.Equal((1, 8), (loaded.Config.Workers.Workers, loaded.Config.Workers.Threads));
        Assert.Equal(TimeSpan.FromSeconds(7), loaded.Config.Server.KeepAlive);
        Assert.Equal(["gen/*"], loaded.Config.Development!.Exclude);
        Assert.Equal("darter.toml:6", loaded.Settings.Single(setting => setting.Name == "bind").Origin.ToString());

        // It is nothing to the production server.
        loaded = await fixture.LoadAsync();
        Assert.Empty(loaded.Errors);
        Assert.Equal("0.0.0.0:80", loaded.Config!.Server.Binds.Single().Text);
    }

    [Fact]
    public async Task DevTable_OfAProjectFile_Counts()
    {
        using SettingsFixture fixture = new();
        fixture.Write("pyproject.toml", "[tool.darter]\nworkers = 3\n[tool.darter.dev]\nthreads = 2\n");
        LoadedConfig loaded = await fixture.LoadDevelopmentAsync();
        Assert.Empty(loaded.Errors);
        Assert.Equal((1, 2), (loaded.Config!.Workers.Workers, loaded.Config.Workers.Threads));
    }

    [Fact]
    public async Task DevTable_WithAMistake_IsReportedWithItsLine()
    {
        using SettingsFixture fixture = new();
        fixture.Write("darter.toml", "[dev]\nreload_exlude = ['x']\n");
        Assert.StartsWith("darter.toml:2: reload_exlude: there is no such setting; did you mean reload_exclude", Assert.Single((await fixture.LoadDevelopmentAsync()).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Environment_AndFlags_AreStronger()
    {
        using SettingsFixture fixture = new();
        fixture.Environment["DARTER_THREADS"] = "3";
        fixture.Environment["PORT"] = "5000";
        LoadedConfig loaded = await fixture.LoadDevelopmentAsync("--timeout", "9", "--no-live-reload", "--reload=false");
        Assert.Equal("127.0.0.1:5000", loaded.Config!.Server.Binds.Single().Text);
        Assert.Equal(3, loaded.Config.Workers.Threads);
        Assert.Equal(TimeSpan.FromSeconds(9), loaded.Config.Workers.Timeout);
        Assert.False(loaded.Config.Server.LiveReload);
        Assert.False(loaded.Config.Development!.Reloads);
    }

    [Theory]
    [InlineData("--debugger-pin=off")]
    [InlineData("--no-debugger")]
    [InlineData("--workers=2")]
    public async Task Console_IsNotThereWithout(string option)
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadDevelopmentAsync(option);
        Assert.Null(loaded.Config!.Workers.Development!.Pin);
    }

    [Fact]
    public async Task Hosts_AreTheNamesOfAddresses()
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadDevelopmentAsync("-b", "localhost:1", "-b", "127.0.0.1:2", "-b", "[::1]:3", "-b", "4", "-b", "unix:/tmp/x");
        Assert.Equal(["localhost"], loaded.Config!.Workers.Development!.Hosts);
    }

    [Fact]
    public async Task WhatIsOfNoUse_IsRefused()
    {
        using SettingsFixture fixture = new();
        IReadOnlyList<string> errors = (await fixture.LoadDevelopmentAsync("--preload", "--debugger-pin", "12", "--reload-dir", "nowhere")).Errors;
        Assert.Equal(3, errors.Count);
        Assert.Contains(errors, error => error.StartsWith("--preload", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("--debugger-pin", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("--reload-dir", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Quiet_HasNoRequestLines()
    {
        using SettingsFixture fixture = new();
        Assert.Equal("-", (await fixture.LoadDevelopmentAsync()).Config!.Server.Logging.AccessFile);
        LoggingConfig quiet = (await fixture.LoadDevelopmentAsync("-q")).Config!.Server.Logging;
        Assert.Null(quiet.AccessFile);
    }
}
