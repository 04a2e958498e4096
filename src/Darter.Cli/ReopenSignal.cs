using System.Runtime.InteropServices;
using Darter.Server.Observability;

namespace Darter.Cli;

/// <summary>SIGUSR1 opens the log files anew, as in Gunicorn: logrotate has renamed them.</summary>
internal sealed class ReopenSignal : IDisposable
{
    // The platform has no name for it; the number is the same on x86-64 and arm64.
    private const PosixSignal SIGUSR1 = (PosixSignal)10;

    private readonly PosixSignalRegistration _registration;

    internal ReopenSignal(ServerLogs logs) => _registration = PosixSignalRegistration.Create(SIGUSR1, context =>
    {
        context.Cancel = true;
        logs.Reopen();
    });

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();
}
