using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Darter.Cli;

/// <summary>
/// The signals of <c>darter run</c>, as Gunicorn's: SIGTERM ends the server in order; SIGINT (Ctrl-C) and SIGQUIT at once,
/// and so does a second signal of these. The others are queued, each of them, and handled one after the other.
/// </summary>
internal sealed class ServerSignals : IDisposable
{
    // Those without a member of the enumeration are given by their number.
    internal const PosixSignal UserDefined1 = (PosixSignal)10;
    internal const PosixSignal UserDefined2 = (PosixSignal)12;

    private static readonly PosixSignal[] s_signals =
    [
        PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT,
        PosixSignal.SIGHUP, PosixSignal.SIGTTIN, PosixSignal.SIGTTOU, PosixSignal.SIGWINCH, UserDefined1, UserDefined2,
    ];

    private readonly Channel<PosixSignal> _queue = Channel.CreateUnbounded<PosixSignal>();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly StopRequest _stop;

    internal ServerSignals(StopRequest stop)
    {
        _stop = stop;
        foreach (PosixSignal signal in s_signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    /// <summary>The signals that do not end the server, as they come.</summary>
    internal IAsyncEnumerable<PosixSignal> ReadAsync(CancellationToken cancellation) => _queue.Reader.ReadAllAsync(cancellation);

    /// <summary>What people call a signal.</summary>
    internal static string NameOf(PosixSignal signal) => signal switch
    {
        UserDefined1 => "SIGUSR1",
        UserDefined2 => "SIGUSR2",
        _ => signal.ToString(),
    };

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (context.Signal is PosixSignal.SIGTERM or PosixSignal.SIGINT or PosixSignal.SIGQUIT)
        {
            _stop.Ask($"Handling signal: {NameOf(context.Signal)}", context.Signal != PosixSignal.SIGTERM);
        }
        else
        {
            _queue.Writer.TryWrite(context.Signal);
        }
    }
}
