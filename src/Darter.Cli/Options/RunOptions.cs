using System.CommandLine;

namespace Darter.Cli.Options;

/// <summary>The options of <c>darter run</c>, under the names Gunicorn's and uvicorn's users know.</summary>
internal sealed class RunOptions
{
    private readonly ApplicationOptions _application = new();

    internal RunOptions() => Groups =
    [
        new HttpOptions(),
        new WorkerOptions(),
        new TimeoutOptions(),
        new RecycleOptions(),
        new QueueOptions(),
        _application,
        new WebSocketOptions(),
        new LoggingOptions(),
    ];

    /// <summary>The target.</summary>
    internal Argument<string> Target => _application.Target;

    /// <summary>The options, in groups.</summary>
    internal IReadOnlyList<IOptionGroup> Groups { get; }

    /// <summary>Returns the configuration, or null, with what is wrong in <paramref name="errors"/>.</summary>
    internal RunConfig? Bind(ParseResult result, out IReadOnlyList<string> errors)
    {
        RunConfigBuilder config = new();
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
