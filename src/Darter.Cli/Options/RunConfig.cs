using Darter.Cli.Development;
using Darter.Cli.Service;
using Darter.Server.Configuration;
using Darter.Workers;
using Microsoft.Extensions.Logging;

namespace Darter.Cli.Options;

/// <summary>What <c>darter run</c> was asked to do: immutable, verified, all defaults filled in.</summary>
internal sealed record RunConfig
{
    /// <summary>The front.</summary>
    internal required ServerConfig Server { get; init; }

    /// <summary>The applications: one, unless a file has a table for each, or routes that need none.</summary>
    internal required IReadOnlyList<AppConfig> Apps { get; init; }

    /// <summary>What the settings say of workers where no application says otherwise.</summary>
    internal required WorkerPoolConfig DefaultWorkers { get; init; }

    /// <summary>The workers of the first application; if there is none, those that one would have.</summary>
    internal WorkerPoolConfig Workers => Apps.Count > 0 ? Apps[0].Workers : DefaultWorkers;

    /// <summary>Whether applications run as others than the front is to: it must stay root, which alone can start and end their workers.</summary>
    internal bool HasOwnUsers => Apps.Any(app => app.Workers.User is { } user && (user.User, user.Group) != (Service.WorkersRunAs?.User, Service.WorkersRunAs?.Group));

    /// <summary>What is loaded, for messages.</summary>
    internal string Targets => string.Join(", ", Apps.Select(app => app.Workers.Target));

    /// <summary>Whether to load the application and end, without serving it. Default: no.</summary>
    internal bool CheckOnly { get; init; }

    /// <summary>Whether to print the settings before that. Default: no.</summary>
    internal bool PrintSettings { get; init; }

    /// <summary>Why the workers' interpreter is the one it is.</summary>
    internal required string PythonReason { get; init; }

    /// <summary>How the front runs as a service.</summary>
    internal required ServiceConfig Service { get; init; }

    /// <summary>What goes on beside a development server; null: it is one for production.</summary>
    internal DevelopmentRun? Development { get; init; }

    /// <summary>Least severity logged.</summary>
    internal required LogLevel LogLevel { get; init; }

    /// <summary>The same with other settings of the workers, of each application.</summary>
    internal RunConfig WithWorkers(Func<WorkerPoolConfig, WorkerPoolConfig> change) => this with
    {
        Apps = [.. Apps.Select(app => app with { Workers = change(app.Workers) })],
        DefaultWorkers = change(DefaultWorkers),
    };
}
