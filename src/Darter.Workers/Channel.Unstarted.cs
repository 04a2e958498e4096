using System.Diagnostics;
using System.Runtime.InteropServices;
using Darter.Wire;

namespace Darter.Workers;

/// <summary>
/// Which requests an event loop has not started. It claims them in the order they were sent, so they are the last ones of
/// those sent, and looking at the oldest is enough to know how many.
/// </summary>
internal sealed partial class Channel
{
    // Claims come without notice. With a few requests ahead, a loop that has just started some has the next ones at hand
    // while the front finds out.
    private const int LeastAhead = 4;

    private WorkerStream? _oldestUnstarted;

    /// <summary>Requests that were sent and not seen started; up to date after <see cref="ObserveClaims"/>.</summary>
    internal int Unstarted { get; private set; }

    /// <summary>How many streams an event loop has started that are not ended.</summary>
    internal int Started => Count - Unstarted;

    /// <summary>How many more requests an event loop may be sent now.</summary>
    internal int Room => Math.Max(LeastAhead, ServiceTime.Depth) - Unstarted;

    /// <summary>
    /// Until when other channels are to be preferred, since requests had to be taken back from this one; in ticks of
    /// <see cref="Stopwatch"/>. 0: they need not. It ends with the first sign of life.
    /// </summary>
    internal long AvoidedUntil { get; set; }

    /// <summary>Finds out which requests the worker has started by now.</summary>
    internal void ObserveClaims()
    {
        if (_oldestUnstarted is not { } stream || !_claims.IsClaimed(stream.Slot, stream.Id))
        {
            return;
        }

        LastProgress = Stopwatch.GetTimestamp();
        do
        {
            RemoveUnstarted(stream);
            ReleaseSlot(stream);
            stream.StartedAt = LastProgress;
        }
        while ((stream = _oldestUnstarted) is not null && _claims.IsClaimed(stream.Slot, stream.Id));
    }

    /// <summary>
    /// Takes back at most <paramref name="limit"/> requests that the event loop has not started, oldest first, and hands
    /// them to the owner. Returns how many.
    /// </summary>
    internal int ReturnOldestUnstarted(int limit)
    {
        List<WorkerStream> returned = [];
        for (WorkerStream? stream = _oldestUnstarted; stream is not null && returned.Count < limit;)
        {
            WorkerStream current = stream;
            stream = stream.Next;
            if (current.IsUnstarted && _claims.TryRevoke(current.Slot, current.Id))
            {
                returned.Add(current);
            }
        }

        // The owner puts each in front of what it has, so the oldest comes last.
        for (int i = returned.Count - 1; i >= 0; i--)
        {
            WorkerStream stream = returned[i];
            uint id = stream.Id;
            ushort slot = stream.Slot;
            Detach(stream);
            Forget(id, slot);
            _owner.OnReturned(stream);
        }

        return returned.Count;
    }

    private void AddUnstarted(WorkerStream stream)
    {
        if (stream.Slot == Claim.NoSlot)
        {
            stream.StartedAt = Stopwatch.GetTimestamp();
            return;
        }

        stream.IsUnstarted = true;
        if (Unstarted++ == 0)
        {
            _oldestUnstarted = stream;
            LastProgress = Stopwatch.GetTimestamp();
        }
    }

    private void RemoveUnstarted(WorkerStream stream)
    {
        stream.IsUnstarted = false;
        Unstarted--;
        if (ReferenceEquals(stream, _oldestUnstarted))
        {
            do
            {
                _oldestUnstarted = _oldestUnstarted.Next;
            }
            while (_oldestUnstarted is { IsUnstarted: false });
        }
    }

    /// <summary>
    /// Makes the slot of a started request available again: an event loop may have more requests than there are slots.
    /// </summary>
    private void ReleaseSlot(WorkerStream stream)
    {
        _claims.Release(stream.Slot);
        stream.Slot = Claim.NoSlot;
        CollectionsMarshal.GetValueRefOrNullRef(_streams, stream.Id) = new InFlight(stream, Claim.NoSlot);
    }
}
