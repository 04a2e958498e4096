using Darter.Wire;

namespace Darter.Gateway.Runtime;

/// <summary>What has come of a request's body and was not read yet, and how much more the front may send. Reused.</summary>
internal sealed class RequestBody
{
    /// <summary>The window is topped up when this much was read: seldom enough to be cheap, soon enough that the front need not pause.</summary>
    private const int GrantStep = ChannelFormat.InitialRequestWindow / 2;

    private readonly ByteQueue _waiting = new();
    private long _allowed;
    private int _readSinceGrant;

    /// <summary>Whether the last of it has come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Bytes that came and were not read.</summary>
    public ReadOnlySpan<byte> Waiting => _waiting.Waiting;

    /// <summary>Length that the front announced, or -1.</summary>
    public long ContentLength { get; private set; }

    /// <summary>Bytes that were read.</summary>
    public long Position { get; private set; }

    /// <summary>Makes it ready for a new request.</summary>
    public void Reset(long contentLength)
    {
        _waiting.Remove(_waiting.Waiting.Length);
        _allowed = ChannelFormat.InitialRequestWindow;
        _readSinceGrant = 0;
        ContentLength = contentLength;
        Position = 0;
        IsComplete = false;
    }

    /// <summary>Adds the payload of a BODY frame. False: it is more than was granted or comes after the last.</summary>
    public bool TryAdd(ReadOnlySpan<byte> payload, bool isLast)
    {
        if (IsComplete || payload.Length > _allowed)
        {
            return false;
        }

        _allowed -= payload.Length;
        _waiting.Add(payload);
        IsComplete = isLast;
        return true;
    }

    /// <summary>Drops bytes that were read. Returns how many to grant to the front now, 0 for none.</summary>
    public int Consume(int count)
    {
        _waiting.Remove(count);
        Position += count;
        _readSinceGrant += count;
        if (IsComplete || _readSinceGrant < GrantStep)
        {
            return 0;
        }

        int grant = _readSinceGrant;
        _readSinceGrant = 0;
        _allowed += grant;
        return grant;
    }
}
