namespace Darter.Transport;

/// <summary>
/// A connection feature: whether the peer has ended its sending side (TCP's FIN). Nothing more comes from it; it may have
/// left, or wait for what is still to be sent. What the connection has received before can still be read.
/// </summary>
public interface IPeerFinishedFeature
{
    /// <summary>Whether it is known that the peer has ended its side. Any thread.</summary>
    bool PeerHasFinished { get; }

    /// <summary>Called once, on the loop's thread, when that becomes known. To be set before the connection is read on.</summary>
    Action? PeerFinished { get; set; }
}
