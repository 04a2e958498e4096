using System.CommandLine;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>WebSockets that the hub holds; behind the group with the hub's other options, which it adds to.</summary>
internal sealed class HubWebSocketOptions : IOptionGroup
{
    internal Option<string?> WebSockets { get; } = OneOfOptional(["auto", "on", "off"], new("--hub-websockets")
    {
        Description = "Hold WebSockets and send their events to the application as requests: auto (for WSGI applications), on (for all) or off; default: auto",
        HelpName = "MODE",
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All => [WebSockets];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        HubWebSockets mode = result.GetValue(WebSockets) switch
        {
            "on" => HubWebSockets.On,
            "off" => HubWebSockets.Off,
            _ => HubWebSockets.Auto,
        };
        config.Server = config.Server with { Hub = config.Server.Hub with { WebSockets = mode } };
    }
}
