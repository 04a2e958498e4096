namespace Darter.Transport;

/// <summary>A connection feature: who the peer is.</summary>
public interface IPeerCredentialsFeature
{
    /// <summary>The peer; null if the connection is no Unix socket, or closed. Asks the kernel each time. Any thread.</summary>
    PeerCredentials? Peer { get; }
}
