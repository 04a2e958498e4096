using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Darter.Server.Control;

/// <summary>Asks a running server over its control socket. One connection for each request, closed with the answer.</summary>
public sealed class ControlClient(string path)
{
    // An answer is the status of some hundred workers, or a traceback.
    private const int MaxAnswer = 16 * 1024 * 1024;

    /// <summary>The socket.</summary>
    public string Path { get; } = path;

    /// <summary>Sends a request and returns the status and the body of the answer.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="target">The path.</param>
    /// <param name="body">JSON, or empty.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="IOException">There is no server at the socket, it does not let us in, or it ended meanwhile.</exception>
    public async Task<(int Status, byte[] Body)> SendAsync(string method, string target, byte[] body, CancellationToken cancellation)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), cancellation).ConfigureAwait(false);
            using NetworkStream stream = new(socket);
            return await ExchangeAsync(stream, $"{method} {target} HTTP/1.1\r\nHost: darter", body, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>Sends a request over a connection that is closed with the answer; returns its status and body.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="head">Request line and further fields, without the last end of line.</param>
    /// <param name="body">JSON, or empty.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="IOException">The server ended meanwhile, or is none of Darter's.</exception>
    public static async Task<(int Status, byte[] Body)> ExchangeAsync(Stream stream, string head, byte[] body, CancellationToken cancellation)
    {
        string fields = string.Create(CultureInfo.InvariantCulture, $"{head}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(fields), .. body], cancellation).ConfigureAwait(false);
        return Parse(await ReadAsync(stream, cancellation).ConfigureAwait(false));
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        using MemoryStream answer = new();
        byte[] buffer = new byte[16 * 1024];
        while (answer.Length < MaxAnswer && await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and int count)
        {
            answer.Write(buffer, 0, count);
        }

        return answer.ToArray();
    }

    /// <summary>Takes an answer apart: the server gives each a length and closes the connection behind it.</summary>
    private static (int Status, byte[] Body) Parse(byte[] answer)
    {
        int end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0 || !answer.AsSpan().StartsWith("HTTP/1.1 "u8)
            || !int.TryParse(answer.AsSpan(9, Math.Min(3, end - 9)), CultureInfo.InvariantCulture, out int status))
        {
            throw new IOException(answer.Length == 0 ? "the server ended before it answered" : "what answers there is no server of Darter's");
        }

        byte[] body = answer[(end + 4)..];
        return LengthOf(answer.AsSpan(0, end)) == body.Length ? (status, body) : throw new IOException("the server ended while it answered");
    }

    private static int LengthOf(ReadOnlySpan<byte> head)
    {
        foreach (string line in Encoding.Latin1.GetString(head).Split("\r\n"))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(line.AsSpan(15), CultureInfo.InvariantCulture, out int length))
            {
                return length;
            }
        }

        return -1;
    }
}
