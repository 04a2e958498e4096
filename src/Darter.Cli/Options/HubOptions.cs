using System.CommandLine;
using System.Net;
using System.Text;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>Held connections, and publishing to them.</summary>
internal sealed class HubOptions : IOptionGroup
{
    private static readonly HubConfig s_defaults = new();

    internal Option<string> Hub { get; } = new("--hub")
    {
        Description = "Hold connections for the application (Grip-Hold) and publish to them: local, off, or redis://[USER:PASSWORD@]HOST[:PORT][/DB] "
            + "(rediss:// for TLS) to share channels with other servers",
        HelpName = "HUB",
        DefaultValueFactory = _ => "local",
    };

    internal Option<string?> WebSockets { get; } = OneOfOptional(["auto", "on", "off"], new("--hub-websockets")
    {
        Description = "Hold WebSockets and send their events to the application as requests: auto (for WSGI applications), on (for all) or off; default: auto",
        HelpName = "MODE",
    });

    internal Option<string?> Key { get; } = new("--hub-key")
    {
        Description = "Secret (or base64:SECRET) with which publishers sign, and requests to the application are signed (Grip-Sig); default: none",
        HelpName = "KEY",
    };

    internal Option<string> Issuer { get; } = new("--hub-issuer")
    {
        Description = "Who signs requests to the application, as it is told (the claim iss)",
        HelpName = "NAME",
        DefaultValueFactory = _ => s_defaults.Issuer,
    };

    internal Option<string?> PublishBind { get; } = new("--publish-bind")
    {
        Description = "Address of the publish endpoint, such as 127.0.0.1:5561 or unix:PATH; with --hub-key, any address; default: only a socket for the workers",
        HelpName = "ADDRESS",
    };

    internal Option<int> HistorySize { get; } = AtLeast(0, new("--hub-history-size")
    {
        Description = "Items kept for each channel, for clients that connect again; 0: none",
        HelpName = "N",
        DefaultValueFactory = _ => s_defaults.HistorySize,
    });

    internal Option<long> HistoryBytes { get; } = AtLeast(1, new Option<long>("--hub-history-bytes")
    {
        Description = "Bytes of all items kept, of all channels",
        HelpName = "BYTES",
        DefaultValueFactory = _ => s_defaults.HistoryBytes,
    });

    internal Option<double> HistoryAge { get; } = NotNegative(new("--hub-history-age")
    {
        Description = "Seconds for which an item is kept; 0: without end",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => s_defaults.HistoryAge.TotalSeconds,
    });

    internal Option<int> MaxChannels { get; } = AtLeast(1, new("--hub-max-channels")
    {
        Description = "Most channels that are subscribed to or have a history",
        HelpName = "N",
        DefaultValueFactory = _ => s_defaults.MaxChannels,
    });

    internal Option<int> MaxConnections { get; } = AtLeast(0, new("--hub-max-connections")
    {
        Description = "Most held connections; 0: no limit",
        HelpName = "N",
        DefaultValueFactory = _ => s_defaults.MaxConnections,
    });

    internal Option<int> MaxConnectionsPerAddress { get; } = AtLeast(0, new("--hub-max-connections-per-address")
    {
        Description = "Most held connections of a client's address; 0: no limit",
        HelpName = "N",
        DefaultValueFactory = _ => s_defaults.MaxConnectionsPerAddress,
    });

    internal Option<int> MaxQueue { get; } = AtLeast(1, new("--hub-max-queue")
    {
        Description = "Bytes of messages that may wait for a held connection whose client is slow",
        HelpName = "BYTES",
        DefaultValueFactory = _ => s_defaults.MaxQueue,
    });

    internal Option<int> MaxMessage { get; } = AtLeast(1, new("--hub-max-message")
    {
        Description = "Most bytes of a request that publishes, and of an answer that waits for a message",
        HelpName = "BYTES",
        DefaultValueFactory = _ => s_defaults.MaxMessage,
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All =>
    [
        Hub, WebSockets, Key, Issuer, PublishBind, HistorySize, HistoryBytes, HistoryAge, MaxChannels, MaxConnections, MaxConnectionsPerAddress, MaxQueue, MaxMessage,
    ];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        string? key = result.GetValue(Key) is { Length: > 0 } given ? given : null;
        config.Server = config.Server with
        {
            Hub = new HubConfig
            {
                IsOn = result.GetValue(Hub) != "off",
                Backplane = BackplaneOf(result.GetValue(Hub)!, config.Errors),
                WebSockets = WebSocketsOf(result.GetValue(WebSockets)),
                Key = key,
                Issuer = IssuerOf(result, config.Errors),
                PublishBind = BindOf(result.GetValue(PublishBind), key is not null, config.Errors),
                HistorySize = result.GetValue(HistorySize),
                HistoryBytes = result.GetValue(HistoryBytes),
                HistoryAge = TimeSpan.FromSeconds(result.GetValue(HistoryAge)),
                MaxChannels = result.GetValue(MaxChannels),
                MaxConnections = result.GetValue(MaxConnections),
                MaxConnectionsPerAddress = result.GetValue(MaxConnectionsPerAddress),
                MaxQueue = result.GetValue(MaxQueue),
                MaxMessage = result.GetValue(MaxMessage),
            },
        };
        if (key is not null && !HubConfig.IsKey(key))
        {
            config.Errors.Add("--hub-key: what is behind 'base64:' is not base64");
        }
    }

    private static RedisAddress? BackplaneOf(string text, List<string> errors)
    {
        if (text is "local" or "off")
        {
            return null;
        }

        // The text may hold a password, so it is not repeated.
        if (!RedisAddress.TryParse(text, out RedisAddress? address, out string? error))
        {
            errors.Add($"--hub: neither 'local' nor 'off' nor the address of a Redis server: {error}");
        }

        return address;
    }

    private static HubWebSockets WebSocketsOf(string? mode) => mode switch
    {
        "on" => HubWebSockets.On,
        "off" => HubWebSockets.Off,
        _ => HubWebSockets.Auto,
    };

    private string IssuerOf(ParseResult result, List<string> errors)
    {
        string issuer = result.GetValue(Issuer)!;
        if (issuer.Length > HubConfig.MaxIssuer || Encoding.UTF8.GetByteCount(issuer) == 0)
        {
            errors.Add($"--hub-issuer must have 1 to {HubConfig.MaxIssuer} characters");
        }

        return issuer;
    }

    private static BindAddress? BindOf(string? text, bool hasKey, List<string> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!BindAddress.TryParse(text, out BindAddress? address, out string? error))
        {
            errors.Add($"--publish-bind: {error}");
            return null;
        }

        if (!address.IsPlain)
        {
            errors.Add($"--publish-bind: http is spoken at '{text}', no other protocol: write HOST:PORT or unix:PATH");
        }

        if (!hasKey && address.EndPoints.OfType<IPEndPoint>().Any(endPoint => !IPAddress.IsLoopback(endPoint.Address)))
        {
            errors.Add($"--publish-bind: others could publish at '{text}': give them a key with --hub-key, or choose a loopback address or a Unix socket");
        }

        return address;
    }
}
