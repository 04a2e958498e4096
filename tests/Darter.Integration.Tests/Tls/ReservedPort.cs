using System.Net;
using System.Net.Sockets;

namespace Darter.Integration.Tests.Tls;

/// <summary>A port of the loopback interface that nobody else gets, and servers with <c>--reuse-port</c> can listen at.</summary>
internal sealed class ReservedPort : IAsyncDisposable
{
    private const int SocketLevel = 1;
    private const int ReusePort = 15;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    internal ReservedPort()
    {
        // A socket that is bound and does not listen gets no connections.
        _socket.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    /// <summary>Its number.</summary>
    internal int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
