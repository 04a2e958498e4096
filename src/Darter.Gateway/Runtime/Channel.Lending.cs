using Darter.Gateway.Native;

namespace Darter.Gateway.Runtime;

/// <summary>
/// Replies that were held back so that several leave in one write, while the next request runs. Should it take long,
/// <see cref="HeldReplies"/> sends them: the application may have the thread for as long as it likes.
/// </summary>
internal sealed unsafe partial class Channel
{
    private const int Own = 0;
    private const int Lent = 1;
    private const int InUse = 2;

    private int _outgoingState;
    private int _lendings;
    private int _lendingSeen;

    /// <summary>Whether what is pending is lent, so that nothing was written since.</summary>
    public bool IsLent => Volatile.Read(ref _outgoingState) == Lent;

    /// <summary>Whether descriptors wait for <see cref="Flush"/>.</summary>
    public bool HasDescriptors => _descriptors.Count > 0;

    /// <summary>Leaves what is pending to <see cref="HeldReplies"/> while the application runs, until the channel is next used.</summary>
    public void Lend()
    {
        if (_outgoing.Length == 0 || HasDescriptors)
        {
            // Only the owner can send a descriptor, and does so before it does anything else.
            return;
        }

        _lendings++;
        Interlocked.Exchange(ref _outgoingState, Lent);
        HeldReplies.Watch(this);
    }

    /// <summary>Sends what has been lent since the last look. Called by <see cref="HeldReplies"/>.</summary>
    public Found SendLent()
    {
        if (Volatile.Read(ref _outgoingState) != Lent)
        {
            return Found.Nothing;
        }

        int lending = Volatile.Read(ref _lendings);
        if (lending != _lendingSeen)
        {
            _lendingSeen = lending;
            return Found.Fresh;
        }

        if (Interlocked.CompareExchange(ref _outgoingState, InUse, Lent) == Lent)
        {
            // What does not fit into the socket now, or fails, is the owner's: it waits, or ends the process.
            fixed (byte* bytes = _outgoing.Span)
            {
                nint sent = LibC.send(_socket, bytes, (nuint)_outgoing.Length, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL);
                if (sent > 0)
                {
                    _outgoing.Consume((int)sent);
                    _sent += sent;
                }
            }

            Volatile.Write(ref _outgoingState, Own);
        }

        return Found.Held;
    }

    /// <summary>Takes back what was lent; at worst this waits for a write to the socket.</summary>
    private void TakeBack()
    {
        if (_outgoingState == Own || Interlocked.CompareExchange(ref _outgoingState, Own, Lent) == Lent)
        {
            return;
        }

        SpinWait wait = default;
        while (Volatile.Read(ref _outgoingState) != Own)
        {
            // In the child of a fork nobody would give it back.
            StopIfAbandoned();
            wait.SpinOnce();
        }
    }
}
