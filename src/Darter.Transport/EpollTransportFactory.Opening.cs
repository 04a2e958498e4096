using System.Net;
using System.Net.Sockets;
using Darter.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport;

/// <summary>
/// Addresses that are opened ahead, while the process still has the rights for them, or that another process hands over;
/// and handing them over in turn. Connections to an address that is open but not bound yet wait in the kernel.
/// </summary>
public sealed partial class EpollTransportFactory
{
    private readonly Dictionary<EndPoint, ListeningSocket> _open = new(ReferenceEqualityComparer.Instance);
    private readonly List<(EndPoint Requested, EpollListener Listener)> _listeners = [];

    /// <summary>Opens an address for a later <see cref="BindAsync"/> of this very object.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="access">Who may connect, for a Unix socket; null: as the options say.</param>
    /// <returns>The address that is bound.</returns>
    /// <exception cref="AddressInUseException">Another socket is bound to the address.</exception>
    /// <exception cref="SocketException">The address cannot be bound for another reason.</exception>
    public EndPoint Open(EndPoint endpoint, UnixSocketAccess? access) => Keep(endpoint, Listen(endpoint, access));

    /// <summary>As <see cref="Open"/>, with the socket that another process of this server has bound to it.</summary>
    public EndPoint TakeOver(EndPoint endpoint, int descriptor) => Keep(endpoint, ListeningSocket.Adopt(descriptor, _options));

    /// <summary>The files of Unix sockets that were taken over are this process's from now on: the other one has given way.</summary>
    public void OwnFiles()
    {
        foreach ((EndPoint requested, EpollListener listener) in _listeners)
        {
            if (requested is UnixDomainSocketEndPoint)
            {
                listener.OwnFile();
            }
        }
    }

    /// <summary>All addresses as they were asked for, with the descriptors of their sockets.</summary>
    public IReadOnlyList<(EndPoint Requested, int Descriptor)> Listening => [.. _listeners.Select(entry => (entry.Requested, entry.Listener.Descriptor))];

    /// <summary>
    /// Accepts no more connections and leaves the addresses to the process that they were handed to. Those accepted
    /// stay, and so do the listeners until they are unbound.
    /// </summary>
    public void StopAccepting() => _listeners.ForEach(entry => entry.Listener.StopAccepting());

    /// <summary>Closes what was opened and never bound.</summary>
    public void CloseUnused()
    {
        foreach (ListeningSocket socket in _open.Values)
        {
            socket.Dispose();
        }

        _open.Clear();
    }

    /// <summary>Closes the socket of an address that is not served any more.</summary>
    public static void Close(int descriptor) => _ = Libc.close(descriptor);

    private EndPoint Keep(EndPoint endpoint, ListeningSocket socket)
    {
        _open.Add(endpoint, socket);
        return socket.EndPoint;
    }
}
