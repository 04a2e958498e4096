using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Darter.Transport.Native;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Darter.Transport;

/// <summary>A bound address. Every loop accepts from it, and a connection belongs to the loop that accepted it.</summary>
internal sealed partial class EpollListener : IConnectionListener
{
    private readonly ILogger _logger;
    private readonly ListeningSocket _socket;
    private readonly Acceptor[] _acceptors;
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions
    {
        // Kestrel's accept loop only queues the connection to the thread pool: it may run on the accepting loop.
        AllowSynchronousContinuations = true,
    });

    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _accepting;
    private int _unbinding;
    private long _acceptFailureLogged;

    internal EpollListener(ListeningSocket socket, IReadOnlyList<EventLoop> loops, EpollTransportOptions options, ILogger logger)
    {
        _socket = socket;
        _logger = logger;
        Options = options;
        AcceptEndPoint = socket.EndPoint is IPEndPoint ip && (ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any)) ? null : socket.EndPoint;
        _acceptors = [.. loops.Select(loop => new Acceptor(this, loop, socket.Descriptor))];
        _accepting = _acceptors.Length;
    }

    /// <inheritdoc/>
    public EndPoint EndPoint => _socket.EndPoint;

    internal EpollTransportOptions Options { get; }

    /// <summary>The local address of every accepted connection; null when each has its own (a wildcard address).</summary>
    internal EndPoint? AcceptEndPoint { get; }

    internal void Start()
    {
        foreach (Acceptor acceptor in _acceptors)
        {
            acceptor.Start();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_accepted.Reader.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _unbinding, 1) == 0)
        {
            foreach (Acceptor acceptor in _acceptors)
            {
                acceptor.Stop();
            }
        }

        // Not to be cancelled: it waits for no peer, and Kestrel passes a cancelled token when it has to stop at once.
        return new ValueTask(_unbound.Task);
    }

    /// <summary>
    /// Accepts no more, but keeps the address: another process listens on the same socket. What the kernel has woken this one
    /// for is accepted still, since it wakes nobody else for it.
    /// </summary>
    internal void StopAccepting()
    {
        _socket.LeaveFile();
        foreach (Acceptor acceptor in _acceptors)
        {
            acceptor.AcceptLast();
        }
    }

    /// <summary>The file of a Unix socket is this process's.</summary>
    internal void OwnFile() => _socket.OwnFile();

    /// <summary>The socket's descriptor.</summary>
    internal int Descriptor => _socket.Descriptor;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => UnbindAsync();

    /// <summary>Hands a connection to whoever accepts.</summary>
    internal void OnAccepted(EpollConnection connection)
    {
        if (!_accepted.Writer.TryWrite(connection))
        {
            Refuse(connection);
        }
    }

    /// <summary>Reports that connections cannot be accepted for want of descriptors or memory, once a second at most.</summary>
    internal void OnAcceptFailed(int errno)
    {
        long now = Stopwatch.GetTimestamp();
        long last = Interlocked.Read(ref _acceptFailureLogged);
        if ((last == 0 || now - last >= Stopwatch.Frequency) && Interlocked.CompareExchange(ref _acceptFailureLogged, now, last) == last)
        {
            LogAcceptFailed(EndPoint, Marshal.GetPInvokeErrorMessage(errno));
        }
    }

    /// <summary>One of the loops accepts no more; with the last one the address is given up.</summary>
    internal void OnStopped()
    {
        if (Interlocked.Decrement(ref _accepting) > 0)
        {
            return;
        }

        _socket.Dispose();
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out ConnectionContext? connection))
        {
            Refuse(connection);
        }

        _unbound.TrySetResult();
    }

    private static void Refuse(ConnectionContext connection)
    {
        connection.Abort(new ConnectionAbortedException("The listener was unbound before the connection was accepted."));
        _ = connection.DisposeAsync().AsTask();
    }
}
