using System.CommandLine;
using System.Net;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>The values that workers share.</summary>
internal sealed class SharedCacheOptions : IOptionGroup
{
    // Less is no cache but a mistake in the unit.
    private const long LeastSize = 64 * 1024;

    // As memcached.
    private const long UsualSize = 64 * 1024 * 1024;

    private static readonly SharedCacheConfig s_defaults = new();

    internal Option<long> Size { get; } = AtLeast(0, new Option<long>("--shared-cache")
    {
        Description = "Most bytes of the values that workers share with darter.cache; 0: there are none",
        HelpName = "BYTES",
        DefaultValueFactory = _ => UsualSize,
    });

    internal Option<int> MaxItem { get; } = AtLeast(1, new("--shared-cache-max-item")
    {
        Description = "Most bytes of one of these values",
        HelpName = "BYTES",
        DefaultValueFactory = _ => s_defaults.MaxItem,
    });

    internal Option<string?> Bind { get; } = new("--shared-cache-bind")
    {
        Description = "Speak memcached's protocol at a loopback address or Unix socket, such as 127.0.0.1:11211 or unix:PATH; default: only a socket for the workers",
        HelpName = "ADDRESS",
    };

    internal Option<string?> Redis { get; } = new("--cache-redis")
    {
        Description = "Share values of workers and answers of --cache with the servers of other machines, in redis://[USER:PASSWORD@]HOST[:PORT][/DB] (rediss:// for TLS); default: each server has its own",
        HelpName = "URL",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Size, MaxItem, Bind, Redis];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        SharedCacheConfig cache = new()
        {
            Size = result.GetValue(Size),
            MaxItem = result.GetValue(MaxItem),
            Bind = BindOf(result.GetValue(Bind), config.Errors),
        };
        if (cache.Size is > 0 and < LeastSize)
        {
            config.Errors.Add($"--shared-cache must be at least {LeastSize} bytes, or 0, not {cache.Size}: 256MiB is a size with a unit");
        }

        if (cache is { Size: 0, Bind: not null })
        {
            config.Errors.Add("--shared-cache-bind: there is no shared cache, by --shared-cache 0");
        }

        RedisAddress? redis = RedisOf(result.GetValue(Redis), config.Errors);
        if (cache.Size == 0 && config.Server.Cache.Size == 0 && redis is not null)
        {
            config.Errors.Add("--cache-redis: there is nothing to keep there: no values, by --shared-cache 0, and no answers, without --cache");
        }

        config.Server = config.Server with { SharedCache = cache, CacheRedis = redis };
    }

    private static RedisAddress? RedisOf(string? text, List<string> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        // The text may hold a password, so it is not repeated.
        if (!RedisAddress.TryParse(text, out RedisAddress? address, out string? error))
        {
            errors.Add($"--cache-redis: this is no address of a Redis server: {error}");
        }

        return address;
    }

    private static BindAddress? BindOf(string? text, List<string> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!BindAddress.TryParse(text, out BindAddress? address, out string? error))
        {
            errors.Add($"--shared-cache-bind: {error}");
            return null;
        }

        if (!address.IsPlain)
        {
            errors.Add($"--shared-cache-bind: memcached's protocol is spoken at '{text}', no other: write HOST:PORT or unix:PATH");
        }
        else if (address.EndPoints.Any(endPoint => endPoint is not System.Net.Sockets.UnixDomainSocketEndPoint and not IPEndPoint)
            || address.EndPoints.OfType<IPEndPoint>().Any(endPoint => !IPAddress.IsLoopback(endPoint.Address)))
        {
            errors.Add(
                $"--shared-cache-bind: others could read and write the application's values at '{text}', for memcached's protocol knows no passwords, and run code in it: "
                + "choose a loopback address or a Unix socket, and share values between machines with --cache-redis");
        }

        return address;
    }
}
