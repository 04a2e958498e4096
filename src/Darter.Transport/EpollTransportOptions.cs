namespace Darter.Transport;

/// <summary>Settings of an <see cref="EpollTransportFactory"/>, read when a listener is bound.</summary>
public sealed class EpollTransportOptions
{
    /// <summary>How many connections the kernel keeps that have not been accepted yet. Default 2048, the usual value of
    /// busy servers; the kernel caps it at <c>net.core.somaxconn</c>.</summary>
    public int Backlog { get; set; } = 2048;

    /// <summary>The most bytes that are received from a connection at once, 1 MiB at most. Nothing is received before it is
    /// asked for, so this also bounds what waits for a reader; what the reader leaves unconsumed comes on top. Default
    /// 64 KiB: more saves no time, and lets one upload hold up the others.</summary>
    public int MaxReadBufferSize { get; set; } = 64 * 1024;

    /// <summary>How many bytes may wait for a peer that does not read before a flush waits too; it goes on when half is
    /// sent. Beside it the kernel buffers. Default 64 KiB, as Kestrel's limit for response buffers.</summary>
    public int MaxWriteBufferSize { get; set; } = 64 * 1024;

    /// <summary>Whether TCP sends small segments at once instead of collecting (TCP_NODELAY). Default true.</summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>Whether other processes may listen on the same TCP address, the kernel spreading connections over them
    /// (SO_REUSEPORT). Default false: two servers on one address are usually a mistake.</summary>
    public bool ReusePort { get; set; }

    /// <summary>Whether files for peers on this machine are copied in small pieces, and not sent by the kernel (sendfile(2)).
    /// Default true: a large file then takes half the time and half the processor's.</summary>
    public bool CopiesFilesToLocalPeers { get; set; } = true;

    /// <summary>The permissions of a Unix socket's file. Default null: what the process's umask leaves.</summary>
    public UnixFileMode? UnixSocketMode { get; set; }
}
