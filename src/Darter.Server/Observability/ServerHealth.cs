using Darter.Workers;

namespace Darter.Server.Observability;

/// <summary>How the server is, from the state of its workers. Any thread.</summary>
public sealed class ServerHealth(WorkerPool pool)
{
    private volatile bool _draining;

    /// <summary>Whether it can recover by itself: some worker serves, or is being started.</summary>
    public bool IsLive => !pool.IsDown;

    /// <summary>Whether new requests should be sent to it.</summary>
    public bool IsReady => !_draining && pool.IsServing;

    /// <summary>Why it is not ready, or null.</summary>
    public string? Reason =>
        _draining ? "the server is stopping"
        : pool.IsServing ? null
        : pool.IsDown ? "no worker is left and none could be started"
        : "no worker is ready yet";

    /// <summary>From now on it is not ready, though it serves on: it is about to stop.</summary>
    public void BeginDrain() => _draining = true;
}
