namespace Darter.Transport;

/// <summary>Who has a <see cref="DetachedSocket"/>. On the socket's loop.</summary>
public interface IDetachedSocketOwner
{
    /// <summary>All was sent that the socket had not taken at once.</summary>
    void OnSent();

    /// <summary>The peer has ended its side, or the connection is gone.</summary>
    void OnPeerGone();
}
