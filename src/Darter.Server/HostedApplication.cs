using Darter.Server.Applications;
using Darter.Server.Configuration;
using Darter.Workers;

namespace Darter.Server;

/// <summary>An application of the front: its workers, and what gives them requests.</summary>
/// <param name="config">The application, as it runs.</param>
/// <param name="pool">The workers.</param>
/// <param name="application">What gives them requests.</param>
internal sealed class HostedApplication(AppConfig config, WorkerPool pool, PythonApplication application) : IDisposable
{
    /// <summary>The application, as it runs.</summary>
    internal AppConfig Config { get; set; } = config;

    /// <summary>The workers.</summary>
    internal WorkerPool Pool { get; } = pool;

    /// <summary>What gives them requests.</summary>
    internal PythonApplication Application { get; } = application;

    /// <inheritdoc/>
    public void Dispose() => Application.Dispose();
}
