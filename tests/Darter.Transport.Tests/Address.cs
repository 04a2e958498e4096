using System.Net;
using System.Net.Sockets;

namespace Darter.Transport.Tests;

/// <summary>The kinds of addresses a listener is tested with, and fresh ones of each kind.</summary>
public enum AddressKind
{
    IPv4,
    IPv6,
    Unix,
    Abstract,
}

internal static class Address
{
    /// <summary>An address to bind: TCP with a port the kernel chooses, or a Unix socket nobody else has.</summary>
    internal static EndPoint New(AddressKind kind) => kind switch
    {
        AddressKind.IPv4 => new IPEndPoint(IPAddress.Loopback, 0),
        AddressKind.IPv6 => new IPEndPoint(IPAddress.IPv6Loopback, 0),
        AddressKind.Unix => new UnixDomainSocketEndPoint(NewPath()),
        _ => new UnixDomainSocketEndPoint($"\0darter-{Guid.NewGuid()}"),
    };

    internal static string NewPath() => Path.Combine(Path.GetTempPath(), $"darter-{Guid.NewGuid():N}.sock");

    /// <summary>A socket for the address's family, not connected yet.</summary>
    internal static Socket NewSocket(EndPoint endPoint) => endPoint is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    internal static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        Socket socket = NewSocket(endPoint);
        await socket.ConnectAsync(endPoint);
        return socket;
    }
}
