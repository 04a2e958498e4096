using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Darter.Testing;

/// <summary>An address a server listens at.</summary>
/// <param name="EndPoint">Where to connect to.</param>
/// <param name="Authority">What a client would put into the Host field.</param>
public sealed partial record ServerAddress(EndPoint EndPoint, string Authority)
{
    /// <summary>The port, or 0 for a Unix socket.</summary>
    public int Port => (EndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>The base of URLs; for a Unix socket the connection has to be made by <see cref="ConnectAsync"/>.</summary>
    public Uri Uri => new($"http://{Authority}");

    /// <summary>Reads it from a line such as <c>Listening at: http://127.0.0.1:8000 (123)</c>; null when the line is another.</summary>
    public static ServerAddress? Parse(string line)
    {
        Match match = Line().Match(line);
        if (!match.Success)
        {
            return null;
        }

        string text = match.Groups[1].Value;
        int unix = text.IndexOf("unix:", StringComparison.Ordinal);
        if (unix >= 0)
        {
            return new ServerAddress(new UnixDomainSocketEndPoint(text[(unix + 5)..]), "localhost");
        }

        string authority = text[(text.IndexOf("//", StringComparison.Ordinal) + 2)..].TrimEnd('/');
        return new ServerAddress(IPEndPoint.Parse(authority), authority);
    }

    /// <summary>Opens a connection.</summary>
    /// <param name="receiveBuffer">Size of the kernel's receive buffer in bytes, for a client that reads slowly.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<Socket> ConnectAsync(int? receiveBuffer = null, CancellationToken cancellation = default)
    {
        Socket socket = EndPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
        {
            // Before the connection is made: a window that was promised cannot be taken back.
            socket.ReceiveBufferSize = size;
        }

        try
        {
            await socket.ConnectAsync(EndPoint, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"Listening at: (\S+)")]
    private static partial Regex Line();
}
