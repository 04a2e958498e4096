namespace Darter.Transport;

/// <summary>What became possible on a watched descriptor.</summary>
[Flags]
public enum Readiness
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>There are bytes to read (or the end of the stream).</summary>
    Readable = 1,

    /// <summary>There is room to write.</summary>
    Writable = 2,

    /// <summary>The peer ended its sending side, or the connection is gone altogether (EPOLLRDHUP, EPOLLHUP, EPOLLERR).
    /// Bytes sent before may still wait to be read.</summary>
    Closed = 4,

    /// <summary>Beside <see cref="Closed"/>: not only the peer's sending side, the connection itself is gone; nothing
    /// can be sent any more (EPOLLHUP, EPOLLERR).</summary>
    HungUp = 8,
}
