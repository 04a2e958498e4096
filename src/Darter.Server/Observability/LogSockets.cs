using System.Net.Sockets;
using Darter.Server.Configuration;

namespace Darter.Server.Observability;

/// <summary>Sockets to servers that take logs and metrics.</summary>
internal static class LogSockets
{
    /// <exception cref="SocketException">There is no such server.</exception>
    internal static Socket Connect(SyslogAddress address)
    {
        if (address.Path is not { } path)
        {
            return Connect(address.Host, address.Port, address.Type!.Value);
        }

        if (address.Type is { } type)
        {
            return Connect(path, type);
        }

        try
        {
            return Connect(path, SocketType.Dgram);
        }
        catch (SocketException)
        {
            return Connect(path, SocketType.Stream);
        }
    }

    /// <exception cref="SocketException">There is no such server.</exception>
    internal static Socket Connect(StatsdAddress address)
    {
        Socket socket = address.Path is { } path ? Connect(path, SocketType.Dgram) : Connect(address.Host, address.Port, SocketType.Dgram);

        // What a server does not take is lost: metrics are worth no waiting.
        socket.Blocking = false;
        return socket;
    }

    private static Socket Connect(string host, int port, SocketType type)
    {
        // Both families, as the name has it.
        Socket socket = new(type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            socket.Connect(host, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Connect(string path, SocketType type)
    {
        Socket socket = new(AddressFamily.Unix, type, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
