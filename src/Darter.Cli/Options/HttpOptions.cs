using System.CommandLine;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>Where to listen, and what a client may send.</summary>
internal sealed class HttpOptions : IOptionGroup
{
    internal Option<string[]> Bind { get; } = new("--bind", "-b")
    {
        Description = "Where to listen: HOST:PORT, [IPV6]:PORT, :PORT, PORT, unix:PATH[?mode=660&user=NAME&group=NAME] or fd://N; may be repeated",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => ["127.0.0.1:8000"],
    };

    internal Option<int> Backlog { get; } = AtLeast(1, new("--backlog")
    {
        Description = "Connections the kernel keeps waiting to be accepted",
        HelpName = "N",
        DefaultValueFactory = _ => 2048,
    });

    internal Option<int> Loops { get; } = AtLeast(1, new("--loops")
    {
        Description = "Event loops of the front, each a thread; one does for two to seven cores",
        HelpName = "N",
        DefaultValueFactory = _ => ServerConfig.DefaultLoops,
    });

    internal Option<string> IoUring { get; } = OneOf(["auto", "off"], new("--io-uring")
    {
        Description = "Whether several sends and receives are done in one call of the system: auto (where the kernel allows it) or off",
        HelpName = "MODE",
        DefaultValueFactory = _ => "auto",
    });

    internal Option<double> KeepAlive { get; } = Positive(new("--keep-alive")
    {
        Description = "Seconds an idle connection is kept open",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 75,
    });

    internal Option<double> RequestHeaderTimeout { get; } = Positive(new("--request-header-timeout")
    {
        Description = "Seconds a client may take to send the header section of a request",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    });

    internal Option<int> LimitRequestLine { get; } = AtLeast(64, new("--limit-request-line")
    {
        Description = "Longest request line in bytes",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 8190,
    });

    internal Option<int> LimitRequestFields { get; } = AtLeast(1, new("--limit-request-fields")
    {
        Description = "Most header fields of a request",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
    });

    internal Option<int> LimitRequestFieldSize { get; } = AtLeast(64, new("--limit-request-field-size")
    {
        Description = "Longest header field of a request in bytes",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 8190,
    });

    internal Option<long> LimitRequestBody { get; } = AtLeast(0, new Option<long>("--limit-request-body")
    {
        Description = "Largest request body in bytes; 0: unlimited",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 0,
    });

    internal Option<int> LimitConcurrency { get; } = AtLeast(0, new("--limit-concurrency")
    {
        Description = "Most requests and WebSockets at a time, 503 beyond; 0: unlimited",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    });

    internal Option<string> HeaderMap { get; } = OneOf(["drop", "refuse", "dangerous"], new("--header-map")
    {
        Description = "Header fields with an underscore in their name: drop, refuse (400) or dangerous (pass on)",
        HelpName = "MODE",
        DefaultValueFactory = _ => "drop",
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All =>
    [
        Bind, Backlog, Loops, IoUring, KeepAlive, RequestHeaderTimeout,
        LimitRequestLine, LimitRequestFields, LimitRequestFieldSize, LimitRequestBody, LimitConcurrency, HeaderMap,
    ];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        config.Server = config.Server with
        {
            Binds = BindsOf(result, config.Errors),
            Backlog = result.GetValue(Backlog),
            Loops = result.GetValue(Loops),
            UsesIoUring = result.GetValue(IoUring) != "off",
            KeepAlive = TimeSpan.FromSeconds(result.GetValue(KeepAlive)),
            RequestHeaderTimeout = TimeSpan.FromSeconds(result.GetValue(RequestHeaderTimeout)),
            LimitRequestLine = result.GetValue(LimitRequestLine),
            LimitRequestFields = result.GetValue(LimitRequestFields),
            LimitRequestFieldSize = result.GetValue(LimitRequestFieldSize),
            LimitRequestBody = result.GetValue(LimitRequestBody) is > 0 and var bytes ? bytes : null,
            LimitConcurrency = result.GetValue(LimitConcurrency),
            HeaderMap = MapOf(result.GetValue(HeaderMap)!),
        };
    }

    private List<BindAddress> BindsOf(ParseResult result, List<string> errors)
    {
        List<BindAddress> binds = [];
        foreach (string text in result.GetValue(Bind)!)
        {
            if (BindAddress.TryParse(text, out BindAddress? address, out string? error))
            {
                binds.Add(address);
            }
            else
            {
                errors.Add($"--bind: {error}");
            }
        }

        return binds;
    }

    private static HeaderMap MapOf(string name) => name switch
    {
        "refuse" => Server.Configuration.HeaderMap.Refuse,
        "dangerous" => Server.Configuration.HeaderMap.Dangerous,
        _ => Server.Configuration.HeaderMap.Drop,
    };
}
