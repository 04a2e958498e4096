using Darter.Cli.Settings;
using Darter.Server.Configuration;

namespace Darter.Cli.Tests;

/// <summary>Options of the values that workers share.</summary>
public class SharedCacheOptionsTests
{
    [Fact]
    public async Task SharedCache_IsThereUnlessItIsTurnedOff()
    {
        Assert.Equal(new SharedCacheConfig { Size = 64 * 1024 * 1024 }, (await LoadAsync()).SharedCache);
        Assert.Equal(0, (await LoadAsync("--shared-cache", "0")).SharedCache.Size);
        SharedCacheConfig config = (await LoadAsync("--shared-cache", "1GiB", "--shared-cache-max-item", "8MiB", "--shared-cache-bind", "unix:/run/values?mode=660")).SharedCache;
        Assert.Equal((1L << 30, 8 << 20, "unix:/run/values?mode=660"), (config.Size, config.MaxItem, config.Bind?.Text));
        Assert.Equal(new RedisAddress { Host = "cache", Password = "x" }, (await LoadAsync("--cache-redis", "redis://:x@cache")).CacheRedis);
    }

    [Fact]
    public async Task AddressThatWorkersHaveInTheirEnvironment_IsNoSettingOfAServerThatTheyStart()
    {
        using SettingsFixture fixture = new();
        fixture.Environment["DARTER_VALUES"] = "unix:/run/values";
        fixture.Environment["DARTER_PUBLISH"] = "unix:/run/publish";
        LoadedConfig loaded = await fixture.LoadAsync(["app:x"]);
        Assert.Empty(loaded.Errors);
        Assert.Empty(loaded.Notices);
    }

    [Theory]
    [InlineData("--shared-cache", "256", "--shared-cache must be at least 65536 bytes, or 0, not 256")]
    [InlineData("--shared-cache 0 --shared-cache-bind", "127.0.0.1:11211", "--shared-cache-bind: there is no shared cache")]
    [InlineData("--shared-cache 0 --cache-redis", "redis://cache", "--cache-redis: there is nothing to keep there")]
    [InlineData("--shared-cache-bind", "0.0.0.0:11211", "--shared-cache-bind: others could read and write")]
    [InlineData("--shared-cache-bind", "fd://3", "--shared-cache-bind: others could read and write")]
    [InlineData("--shared-cache-bind", "uwsgi://127.0.0.1:11211", "--shared-cache-bind: memcached's protocol is spoken")]
    [InlineData("--shared-cache-bind", "nonsense:x:y", "--shared-cache-bind: 'nonsense:x:y' is not an address")]
    [InlineData("--cache-redis", "redis://secret@cache", "--cache-redis: this is no address of a Redis server: what is before '@' has no password")]
    public async Task Options_ThatMakeNoSense_AreReported(string option, string value, string expected)
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadAsync(["app:x", .. option.Split(' '), value]);
        Assert.Contains(loaded.Errors, error => error.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(loaded.Errors, error => error.Contains("secret", StringComparison.Ordinal));
    }

    private static async Task<ServerConfig> LoadAsync(params string[] arguments)
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadAsync(["app:x", .. arguments]);
        Assert.Empty(loaded.Errors);
        return loaded.Config!.Server;
    }
}
