using System.Net.Sockets;
using System.Text;

namespace Darter.Testing.Http;

/// <summary>A connection on which a test writes whatever bytes it likes and reads responses strictly.</summary>
public sealed class RawConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly ResponseReader _reader;

    private RawConnection(Socket socket)
    {
        _socket = socket;
        _reader = new ResponseReader(ReceiveAsync);
    }

    /// <summary>Port of this end.</summary>
    public int LocalPort => ((System.Net.IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Opens a connection.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="receiveBuffer">Size of the kernel's receive buffer in bytes, for a client that reads slowly.</param>
    public static async Task<RawConnection> OpenAsync(ServerAddress address, int? receiveBuffer = null) =>
        new(await Wait.For(address.ConnectAsync(receiveBuffer), "a connection"));

    /// <summary>Sends one request and reads its response, then closes the connection.</summary>
    public static async Task<RawResponse> ExchangeAsync(ServerAddress address, string request, string method = "GET")
    {
        await using RawConnection connection = await OpenAsync(address);
        await connection.WriteAsync(request);
        return await connection.ReadResponseAsync(method);
    }

    /// <summary>Writes characters U+0000 to U+00FF as bytes.</summary>
    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int sent = await Wait.For(_socket.SendAsync(bytes).AsTask(), "the server to read");
            bytes = bytes[sent..];
        }
    }

    /// <summary>Writes bytes to a server that may answer and close while they are on their way; false when it closed.</summary>
    public async Task<bool> TryWriteAsync(string text)
    {
        try
        {
            await WriteAsync(text);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Reads one response to a request of this method, and the interim ones before it.</summary>
    /// <exception cref="InvalidDataException">What came is not a response of HTTP/1.x.</exception>
    public Task<RawResponse> ReadResponseAsync(string method = "GET") => _reader.ReadAsync(method);

    /// <summary>Reads the head of the next response, interim ones included.</summary>
    public Task<RawResponse> ReadHeadAsync() => _reader.ReadHeadAsync();

    /// <summary>Reads the next chunk of a chunked body; empty at its end.</summary>
    public Task<byte[]> ReadChunkAsync() => _reader.ReadChunkAsync();

    /// <summary>Reads exactly this many bytes.</summary>
    public Task<byte[]> ReadBytesAsync(int count) => _reader.ReadBytesAsync(count);

    /// <summary>Reads until the server closes the connection, in order or by a reset.</summary>
    public Task<byte[]> ReadToEndAsync() => _reader.ReadToEndAsync();

    /// <summary>Whether the server closes the connection without sending more.</summary>
    public async Task<bool> IsClosedAsync() => (await ReadToEndAsync()).Length == 0;

    /// <summary>Says that nothing more will be written; does nothing when the connection is broken already.</summary>
    public void ShutdownSend()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NotConnected)
        {
            // The server was faster.
        }
    }

    /// <summary>Breaks the connection with a reset.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    // A reset counts as an end: it is what a client sees when the server closes while the client still writes.
    private async Task<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return await Wait.For(_socket.ReceiveAsync(buffer).AsTask(), "the server to write");
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return 0;
        }
    }
}
