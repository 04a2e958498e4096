using Darter.Cli.Settings;
using Darter.Server.Configuration;

namespace Darter.Cli.Tests;

/// <summary>Options about what becomes of the application's answers.</summary>
public class AnswerOptionsTests
{
    [Fact]
    public async Task NamedFiles_OfFolders_AreAbsoluteAndTheLongestPathIsFirst()
    {
        using SettingsFixture fixture = new();
        string media = fixture.Folder.CreateSubdirectory("media").FullName;
        fixture.Write("darter.toml", "x_sendfile = ['media', '/']\nx_accel = ['/i/=media', '/i/j=/']\n");
        ServerConfig server = await LoadAsync(fixture);
        Assert.Equal([media, "/"], server.SendfileFolders);
        Assert.Equal([("/i/j", "/"), ("/i", media)], server.AccelFolders.Select(folder => (folder.Prefix, folder.Folder)));
    }

    [Fact]
    public async Task Compression_IsOffUnlessItIsAskedFor()
    {
        using SettingsFixture fixture = new();
        Assert.Null((await LoadAsync(fixture)).Compression);
        Assert.Equal(new CompressionConfig(), (await LoadAsync(fixture, "--compress")).Compression);
        CompressionConfig? compression =
            (await LoadAsync(fixture, "--compress", "--compress-codings", "gzip, br", "--compress-types", "text/html,*+json", "--compress-min-size", "2KiB")).Compression;
        Assert.Equal(
            new CompressionConfig { Codings = [ContentCodings.Gzip, ContentCodings.Brotli], Types = ["text/html", "*+json"], LeastSize = 2048 }, compression);
    }

    [Fact]
    public async Task Compression_IsThatOfStaticFilesToo()
    {
        using SettingsFixture fixture = new();
        ServerConfig server = await LoadAsync(fixture, "--static", "/static=/", "--compress", "--compress-min-size", "7");
        Assert.Equal(7, Assert.Single(server.Folders).CompressionRules.LeastSize);
    }

    [Theory]
    [InlineData("--x-sendfile", "/no/such", "--x-sendfile: there is no folder '/no/such'")]
    [InlineData("--x-accel", "internal=.", "--x-accel: 'internal=.' is not /URL=DIR")]
    [InlineData("--x-accel", "/a/../b=.", "--x-accel: the path '/a/../b' must be of letters")]
    [InlineData("--compress-codings", "gzip", "--compress-codings needs --compress")]
    [InlineData("--compress-types", "text/html", "--compress-types needs --compress")]
    [InlineData("--compress-min-size", "1", "--compress-min-size needs --compress")]
    [InlineData("--compress --compress-codings", "deflate", "--compress-codings: 'deflate' is no list")]
    [InlineData("--compress --compress-codings", "br,br", "--compress-codings: 'br,br' is no list")]
    [InlineData("--compress --compress-types", "html", "--compress-types: 'html' is no media type")]
    [InlineData("--compress --compress-min-size", "large", "--compress-min-size: 'large' is not a size")]
    public async Task Options_ThatMakeNoSense_AreReported(string option, string value, string expected)
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadAsync(["app:x", .. option.Split(' '), value]);
        Assert.Contains(loaded.Errors, error => error.Contains(expected, StringComparison.Ordinal));
    }

    private static async Task<ServerConfig> LoadAsync(SettingsFixture fixture, params string[] arguments)
    {
        LoadedConfig loaded = await fixture.LoadAsync(["app:x", .. arguments]);
        Assert.Empty(loaded.Errors);
        return loaded.Config!.Server;
    }
}
