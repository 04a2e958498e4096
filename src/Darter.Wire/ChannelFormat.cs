namespace Darter.Wire;

/// <summary>Constants of the channel format, as specified in <c>docs/channel.md</c>.</summary>
public static class ChannelFormat
{
    /// <summary>Version both sides must speak; a worker of another version is refused at hello.</summary>
    public const ushort Version = 1;

    /// <summary>First four bytes of a hello payload: "DRTR", read as a little-endian integer.</summary>
    public const uint Magic = 0x52545244;

    /// <summary>Bytes of the token that ties a worker to the front that started it.</summary>
    public const int TokenSize = 16;

    /// <summary>Largest payload of one frame, in bytes. A longer length is an error of the peer.</summary>
    public const int MaxPayload = 1 << 20;

    /// <summary>Largest body chunk a sender puts into one frame, in bytes; keeps frames of several streams interleaved.</summary>
    public const int MaxBodyChunk = 64 * 1024;

    /// <summary>Request-body bytes the front may send on a new stream before the worker grants more.</summary>
    public const int InitialRequestWindow = 256 * 1024;

    /// <summary>Response-body bytes the worker may send on a new stream before the front grants more.</summary>
    public const int InitialResponseWindow = 256 * 1024;

    /// <summary>What a <see cref="FrameType.Message"/> from the worker takes of the window at least, in bytes.</summary>
    public const int LeastMessageCharge = 64;

    /// <summary>Longest header name or value, in bytes: both lengths travel as 16 bits.</summary>
    public const int MaxHeaderField = ushort.MaxValue;

    /// <summary>
    /// What a <see cref="FrameType.Message"/> to the worker takes of the window at least, in bytes, so that no more than
    /// <paramref name="maxQueue"/> messages wait for the application.
    /// </summary>
    public static int LeastMessageChargeToWorker(int maxQueue) => Math.Max(1, InitialRequestWindow / maxQueue);
}
