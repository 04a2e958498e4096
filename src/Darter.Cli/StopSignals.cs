using System.Runtime.InteropServices;

namespace Darter.Cli;

/// <summary>
/// The signals that end the server, as Gunicorn's: SIGTERM in order; SIGINT (Ctrl-C) and SIGQUIT at once, and so does a
/// second signal.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource<PosixSignal> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _any = new();
    private readonly CancellationTokenSource _quick = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    internal StopSignals()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    /// <summary>Cancelled when the server is to end, whichever way.</summary>
    internal CancellationToken Any => _any.Token;

    /// <summary>Cancelled when the server is to end at once.</summary>
    internal CancellationToken Quick => _quick.Token;

    /// <summary>Waits for the first signal.</summary>
    internal Task<PosixSignal> WaitAsync() => _first.Task;

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _any.Dispose();
        _quick.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!_first.TrySetResult(context.Signal) || context.Signal != PosixSignal.SIGTERM)
        {
            _quick.Cancel();
        }

        _any.Cancel();
    }
}
