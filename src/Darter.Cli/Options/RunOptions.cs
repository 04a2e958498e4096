using System.CommandLine;

namespace Darter.Cli.Options;

/// <summary>The options of <c>darter run</c>, under the names Gunicorn's and uvicorn's users know.</summary>
internal sealed class RunOptions
{
    private readonly ApplicationOptions _application = new();
    private readonly ConfigOptions _config = new();

    /// <param name="isDevelopment">Whether they are those of <c>darter dev</c>.</param>
    internal RunOptions(bool isDevelopment = false) => Groups =
    [
        _config,
        new HttpOptions(),
        new Http2Options(),
        new WorkerOptions(),
        new ControlOptions(),
        new TimeoutOptions(),
        new RecycleOptions(),
        new QueueOptions(),
        _application,
        new StaticOptions(),
        new NamedFileOptions(),
        new CompressionOptions(),
        new AcmeOptions(),
        new TlsOptions(),
        new HttpsOnlyOptions(),
        new WebSocketOptions(),
        new HubOptions(),
        new CacheOptions(),
        new UpstreamOptions(),
        new SharedCacheOptions(),
        new ServiceOptions(),
        new ProxyOptions(),
        new Http3Options(),
        new LoggingOptions(),
        new SyslogOptions(),
        new StatsdOptions(),
        new HealthOptions(),
        .. isDevelopment ? (IEnumerable<IOptionGroup>)[new DevelopmentOptions()] : [],
    ];

    /// <summary>The target.</summary>
    internal Argument<string> Target => _application.Target;

    /// <summary>The configuration file.</summary>
    internal Option<string?> Config => _config.Config;

    /// <summary>The application's folder.</summary>
    internal Option<string?> ChangeDirectory => _application.ChangeDirectory;

    /// <summary>The interpreter.</summary>
    internal Option<string?> Python => _application.Python;

    /// <summary>The options, in groups.</summary>
    internal IReadOnlyList<IOptionGroup> Groups { get; }

    /// <summary>Returns the configuration, or null, with what is wrong in <paramref name="errors"/>.</summary>
    /// <param name="result">The options' values.</param>
    /// <param name="hasApplication">Whether the target and its interpreter are needed.</param>
    /// <param name="errors">What is wrong.</param>
    internal RunConfig? Bind(ParseResult result, bool hasApplication, out IReadOnlyList<string> errors)
    {
        RunConfigBuilder config = new() { HasApplication = hasApplication };
        foreach (IOptionGroup group in Groups)
        {
            group.Apply(config, result);
        }

        if (Installation.FindMissing() is { } missing)
        {
            config.Errors.Add($"this installation is not complete: there is no '{missing}'");
        }

        errors = config.Errors;
        return errors.Count == 0 ? config.Build() : null;
    }
}
