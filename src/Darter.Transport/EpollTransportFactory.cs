using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Darter.Transport.Native;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Darter.Transport;

/// <summary>
/// Kestrel's transport on the loops of an <see cref="EventLoopGroup"/>: IP addresses, Unix sockets and listening sockets
/// inherited from the parent process. A request's reads, parsing and writes all run inline on the thread of its
/// connection's loop.
/// </summary>
public sealed partial class EpollTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly EventLoopGroup _loops;
    private readonly EpollTransportOptions _options;
    private readonly ILogger _logger;

    /// <param name="loops">The loops that accept connections and run them.</param>
    /// <param name="options">The settings of every listener bound from now on.</param>
    /// <param name="loggerFactory">Gets what goes wrong while accepting.</param>
    public EpollTransportFactory(EventLoopGroup loops, EpollTransportOptions options, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(loops);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _loops = loops;
        _options = options;
        _logger = loggerFactory.CreateLogger("Darter.Transport");
    }

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint or UnixDomainSocketEndPoint => true,
        FileHandleEndPoint handle => handle.FileHandleType is FileHandleType.Auto or FileHandleType.Tcp or FileHandleType.Pipe,
        _ => false,
    };

    /// <summary>Binds an address and starts accepting from it. The IPv6 wildcard address accepts IPv4 too. A Unix socket's
    /// file that nobody accepts on any more is replaced.</summary>
    /// <exception cref="AddressInUseException">Another socket is bound to the address.</exception>
    /// <exception cref="SocketException">The address cannot be bound for another reason.</exception>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ListeningSocket socket = _open.Remove(endpoint, out ListeningSocket? open) ? open : Listen(endpoint, access: null);
        EpollListener listener = new(socket, _loops.Loops, _options, _logger);
        _listeners.Add((endpoint, listener));
        try
        {
            listener.Start();
        }
        catch (Win32Exception)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return listener;
    }

    private ListeningSocket Listen(EndPoint endpoint, UnixSocketAccess? access) => endpoint switch
    {
        FileHandleEndPoint handle => ListeningSocket.Adopt(checked((int)handle.FileHandle), _options),
        UnixDomainSocketEndPoint unix => ListeningSocket.Bind(unix, _options, access),
        IPEndPoint ip => ListeningSocket.Bind(ip, _options),
        _ => throw new NotSupportedException($"The transport cannot bind to {endpoint.GetType().Name} {endpoint}."),
    };
}
