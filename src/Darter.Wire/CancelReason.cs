namespace Darter.Wire;

/// <summary>Payload of <see cref="FrameType.Cancel"/>.</summary>
public static class CancelReason
{
    /// <summary>The client is gone: nobody wants the answer. No payload.</summary>
    public static ReadOnlySpan<byte> ClientGone => [];

    /// <summary>The client has ended its side of the connection: it may have left, or wait for the answer.</summary>
    public static ReadOnlySpan<byte> ClientFinished => [1];

    /// <summary>It took too long and was answered by the front: an event loop is to cancel its task.</summary>
    public static ReadOnlySpan<byte> TimedOut => [2];
}
