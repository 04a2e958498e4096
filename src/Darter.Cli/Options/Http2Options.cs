using System.CommandLine;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>HTTP/2, under Gunicorn's names.</summary>
internal sealed class Http2Options : IOptionGroup
{
    internal Option<int> MaxConcurrentStreams { get; } = AtLeast(1, new("--http2-max-concurrent-streams")
    {
        Description = "HTTP/2: requests that a connection may have at a time",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
    });

    internal Option<int> MaxFrameSize { get; } = Between(Http2Config.SmallestMaxFrameSize, Http2Config.LargestMaxFrameSize, new("--http2-max-frame-size")
    {
        Description = "HTTP/2: largest frame that is accepted, in bytes",
        HelpName = "BYTES",
        DefaultValueFactory = _ => Http2Config.SmallestMaxFrameSize,
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All => [MaxConcurrentStreams, MaxFrameSize];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result) => config.Server = config.Server with
    {
        Http2 = new Http2Config
        {
            MaxConcurrentStreams = result.GetValue(MaxConcurrentStreams),
            MaxFrameSize = result.GetValue(MaxFrameSize),
        },
    };
}
