using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport;

/// <summary>The exceptions Kestrel knows connection failures by.</summary>
internal static class ConnectionFailure
{
    /// <summary>The exception for a failed receive or send: a reset for everything that means the peer or the network is
    /// gone, which is not an error of ours and is logged as such.</summary>
    internal static Exception FromErrno(int errno)
    {
        SocketError error = errno switch
        {
            EPIPE => SocketError.Shutdown,
            ECONNRESET => SocketError.ConnectionReset,
            _ => SocketError.NotConnected,
        };
        SocketException inner = new((int)error);
        return new ConnectionResetException(inner.Message, inner);
    }
}
