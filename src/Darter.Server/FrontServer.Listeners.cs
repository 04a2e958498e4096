using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Darter.Server.Applications;
using Darter.Server.Configuration;
using Darter.Server.Listeners;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;

namespace Darter.Server;

/// <summary>Opening the addresses, taking them over from another front, and leaving them to the next one.</summary>
public sealed partial class FrontServer
{
    private readonly OpenConnections _connections = new();
    private bool _isOpen;
    private bool _isSuccessor;

    /// <summary>The listening sockets, to be handed to another front.</summary>
    public IReadOnlyList<HandedListener> ListeningSockets =>
        [.. _transport.Listening.Select(entry => new HandedListener(NameOf(entry.Requested), entry.Descriptor))];

    /// <summary>
    /// Opens the addresses, without serving them: connections wait in the kernel. To be called where it takes rights that
    /// the process gives up before it serves; else <see cref="StartAsync"/> does it.
    /// </summary>
    /// <param name="handed">Sockets of the front before this one. Those for addresses of this one are used, the others closed.</param>
    /// <exception cref="IOException">An address cannot be listened at; the message names it.</exception>
    public void Open(IReadOnlyList<HandedListener>? handed = null)
    {
        if (_isOpen)
        {
            return;
        }

        _isOpen = true;
        _isSuccessor = handed is { Count: > 0 };
        List<HandedListener> left = [.. handed ?? []];
        left.RemoveAll(listener => _control?.TryTakeOver(listener.Address, listener.Descriptor) == true);
        try
        {
            foreach (BindAddress bind in (IEnumerable<BindAddress>)[.. _config.Binds, .. PublishBinds, .. ValuesBinds, .. _config.RedirectBinds])
            {
                foreach (EndPoint endPoint in bind.EndPoints)
                {
                    string name = NameOf(endPoint);
                    if (left.Find(listener => listener.Address == name) is { } known)
                    {
                        left.Remove(known);
                        _opened[endPoint] = _transport.TakeOver(endPoint, known.Descriptor);
                    }
                    else
                    {
                        _opened[endPoint] = _transport.Open(endPoint, endPoint is UnixDomainSocketEndPoint ? bind.AccessOr(_config.UnixSocketAccess) : null);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or AddressInUseException or Win32Exception)
        {
            throw CannotListen(exception);
        }

        left.ForEach(listener => EpollTransportFactory.Close(listener.Descriptor));
    }

    /// <summary>The front before this one has given way: what it would have removed at its end is this one's.</summary>
    public void OwnListeners()
    {
        _transport.OwnFiles();
        SucceedHttp3();
    }

    /// <summary>Leaves new connections to another front that accepts from the same sockets; the task ends when that is so.</summary>
    public async Task StopAcceptingAsync()
    {
        _transport.StopAccepting();
        LeaveHttp3();
        foreach (EventLoop loop in _loops.Loops)
        {
            // Behind what that has posted.
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(new LoopCall(done.SetResult));
            await done.Task.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends in order after <see cref="StopAcceptingAsync"/>: requests at hand are
    /// answered, and each connection is closed after its next response, since a client may be about to send a request on
    /// one that is idle. What is idle all the time is closed after the keep-alive or the graceful timeout, whichever is shorter;
    /// then, or once <paramref name="hurry"/> is cancelled, the stop is that of <see cref="StopAsync"/>.
    /// </summary>
    public async Task LeaveAsync(CancellationToken hurry)
    {
        await EndReloadAsync().ConfigureAwait(false);
        foreach (HostedApplication app in _apps)
        {
            app.Application.IsLeaving = true;
        }

        if (_routed is { } routed)
        {
            routed.IsLeaving = true;
        }

        await CloseWebSocketsAsync().ConfigureAwait(false);
        await EndHeldAsync().ConfigureAwait(false);
        TimeSpan patience = _config.KeepAlive < _config.GracefulTimeout ? _config.KeepAlive : _config.GracefulTimeout;
        try
        {
            await Task.WhenAll(_connections.WaitForNoneAsync(), HeldEndedAsync()).WaitAsync(patience, hurry).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // What is left is stopped like any server.
        }

        await StopAsync(quick: false, hurry).ConfigureAwait(false);
    }

    private IOException CannotListen(Exception exception) =>
        new(
            $"Cannot listen at {string.Join(", ", _config.Binds.Concat(PublishBinds).Concat(ValuesBinds).Concat(_config.RedirectBinds).Select(bind => bind.Text))}: {exception.Message.TrimEnd('.')}. "
                + $"Choose another address with --bind{(PublishBinds.Any() ? " or --publish-bind" : "")}{(ValuesBinds.Any() ? " or --shared-cache-bind" : "")}{(_config.RedirectBinds.Count > 0 ? " or --redirect-http" : "")}.",
            exception);

    private static string NameOf(EndPoint endPoint) =>
        endPoint is FileHandleEndPoint handle ? $"fd://{handle.FileHandle}" : $"{endPoint}";
}
