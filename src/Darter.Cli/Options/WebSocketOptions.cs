using System.CommandLine;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>WebSockets, under uvicorn's names.</summary>
internal sealed class WebSocketOptions : IOptionGroup
{
    internal Option<long> MaxSize { get; } = AtLeast(1, new Option<long>("--ws-max-size")
    {
        Description = "Largest WebSocket message in bytes",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 16 * 1024 * 1024,
    });

    internal Option<int> MaxQueue { get; } = AtLeast(1, new("--ws-max-queue")
    {
        Description = "WebSocket messages that may wait for the application, for each WebSocket",
        HelpName = "N",
        DefaultValueFactory = _ => 32,
    });

    internal Option<double> PingInterval { get; } = NotNegative(new("--ws-ping-interval")
    {
        Description = "Seconds of silence after which a WebSocket is pinged; 0: never",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 20,
    });

    internal Option<double> PingTimeout { get; } = NotNegative(new("--ws-ping-timeout")
    {
        Description = "Seconds a pinged client has to answer; 0: any time",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 20,
    });

    internal Option<bool> PerMessageDeflate { get; } = new("--ws-per-message-deflate")
    {
        Description = "Compress WebSocket messages if the client offers it: true or false",
        HelpName = "BOOL",
        DefaultValueFactory = _ => true,
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [MaxSize, MaxQueue, PingInterval, PingTimeout, PerMessageDeflate];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        WebSocketConfig webSockets = new()
        {
            MaxSize = result.GetValue(MaxSize),
            MaxQueue = result.GetValue(MaxQueue),
            PingInterval = TimeSpan.FromSeconds(result.GetValue(PingInterval)),
            PingTimeout = TimeSpan.FromSeconds(result.GetValue(PingTimeout)),
            PerMessageDeflate = result.GetValue(PerMessageDeflate),
        };
        config.Server = config.Server with { WebSockets = webSockets };
        config.Workers = config.Workers with { WebSocketMaxQueue = webSockets.MaxQueue };
    }
}
