namespace Darter.Transport;

/// <summary>
/// A connection feature: the socket can be taken away from the connection's user, for whom the connection then ends. What
/// only waits for something to send needs no more than that.
/// </summary>
public interface IDetachFeature
{
    /// <summary>Whether the bytes of the connection are what goes over the wire: not so under TLS. Any thread.</summary>
    bool CanDetach { get; }

    /// <summary>
    /// Takes the socket. What the user of the connection still writes is dropped, and reading from it ends. On the
    /// connection's loop.
    /// </summary>
    /// <param name="owner">Who is told what happens to the socket; nothing is told before the method has returned.</param>
    /// <returns>
    /// The socket; null, and nothing has changed: something waits to be sent or to be read, the peer has ended its side, or
    /// <see cref="CanDetach"/> is false.
    /// </returns>
    DetachedSocket? TryDetach(IDetachedSocketOwner owner);
}
