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

    /// <summary>The workers.</summary>
    internal required WorkerPoolConfig Workers { get; init; }

    /// <summary>The applications.</summary>
    internal IReadOnlyList<AppConfig> Apps => [new AppConfig("app", Workers)];

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
}
