using System.ComponentModel;
using System.Runtime.InteropServices;
using Darter.Workers;
using Darter.Workers.Service;

namespace Darter.Cli.Service;

/// <summary>
/// <c>--daemon</c>: starts the server in the background, in a session of its own, and waits until it serves. The runtime
/// cannot fork a process with threads, so it is the program started again.
/// </summary>
internal static class DaemonStart
{
    /// <summary>Returns the exit status of the command: 0 once the server serves, else the server's, whose reason is printed.</summary>
    internal static async Task<int> RunAsync(TextWriter errors)
    {
        if (SocketActivation.IsUsed)
        {
            errors.WriteLine("darter: --daemon: a service manager that passes sockets has to see the server itself: leave --daemon out");
            return ExitCode.Configuration;
        }

        (LinePipe ours, LinePipe theirs) = LinePipe.Create();
        using LinePipe link = ours;
        ChildProcess server;
        try
        {
            using (theirs)
            {
                server = SelfStart.Run(new StartOrder { Link = theirs.Descriptor }, [theirs.Descriptor], new Dictionary<string, string>(), detached: true);
            }
        }
        catch (Win32Exception exception)
        {
            errors.WriteLine($"darter: --daemon: {SelfExecutable.Path} cannot be started: {exception.Message}");
            return ExitCode.Configuration;
        }

        using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, server);
        using PosixSignalRegistration terminate = EndOn(PosixSignal.SIGTERM, server);
        string? failure = await Starter.ReceiveReportAsync(link).ConfigureAwait(false);
        if (failure is null)
        {
            return ExitCode.Success;
        }

        ExitStatus status = await server.Ended.ConfigureAwait(false);
        errors.WriteLine(failure.Length > 0 ? failure : $"darter: the server ended at its start ({status})");
        return status.IsSuccess ? ExitCode.Configuration : status.Code;
    }

    private static PosixSignalRegistration EndOn(PosixSignal signal, ChildProcess server) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        server.Terminate();
    });
}
