using Darter.Cli.Development;
using Darter.Cli.Service;
using Darter.Cli.Settings.LongForm;
using Darter.Server.Configuration;
using Darter.Workers;
using Microsoft.Extensions.Logging;

namespace Darter.Cli.Options;

/// <summary>The configuration while the groups of options fill it in.</summary>
internal sealed class RunConfigBuilder
{
    /// <summary>The front.</summary>
    internal ServerConfig Server { get; set; } = new() { Binds = [] };

    /// <summary>The workers.</summary>
    internal WorkerPoolConfig Workers { get; set; } = new()
    {
        Target = "",
        Workers = 1,
        Python = "",
        WorkingDirectory = "",
        Library = Installation.Library,
        Bootstrap = Installation.Bootstrap,
    };

    /// <summary>Whether the target and its interpreter are needed: not if a file has other applications, or none.</summary>
    internal bool HasApplication { get; init; } = true;

    /// <summary>Certificates that the server obtains itself; null: none. They become part of the front's settings of TLS.</summary>
    internal AcmeConfig? Acme { get; set; }

    /// <summary>Whether to load the application and end, without serving it.</summary>
    internal bool CheckOnly { get; set; }

    /// <summary>Whether to print the settings before that.</summary>
    internal bool PrintSettings { get; set; }

    /// <summary>Why the workers' interpreter is the one it is.</summary>
    internal string PythonReason { get; set; } = "";

    /// <summary>How the front runs as a service.</summary>
    internal ServiceConfig Service { get; set; } = new();

    /// <summary>What goes on beside a development server.</summary>
    internal DevelopmentRun? Development { get; set; }

    /// <summary>Least severity logged.</summary>
    internal LogLevel LogLevel { get; set; }

    /// <summary>What is wrong, a line each, to be reported together.</summary>
    internal List<string> Errors { get; } = [];

    /// <summary>The configuration; meaningless if there are errors.</summary>
    internal RunConfig Build() => new()
    {
        Server = Server,
        Apps = HasApplication ? [new AppConfig(AppSettings.OnlyName, Workers)] : [],
        DefaultWorkers = Workers,
        LogLevel = LogLevel,
        CheckOnly = CheckOnly,
        PrintSettings = PrintSettings,
        PythonReason = PythonReason,
        Service = Service,
        Development = Development,
    };
}
