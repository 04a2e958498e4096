using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Darter.Transport.Tests;

/// <summary>A client that sees every byte.</summary>
internal sealed class TestClient(Socket socket) : IDisposable
{
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _end;

    internal Socket Socket => socket;

    internal async Task SendAsync(string text) => await SendAsync(Encoding.ASCII.GetBytes(text));

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    internal Task GetAsync(string path = "/", string headers = "") => SendAsync($"GET {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n");

    /// <summary>Reads one response with a Content-Length.</summary>
    internal async Task<string> ReadResponseAsync()
    {
        string head = await ReadHeadAsync();
        int length = head.Split("\r\n")
            .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.Parse(line.Split(':')[1], CultureInfo.InvariantCulture))
            .Single();
        byte[] body = new byte[length];
        for (int read = 0; read < length;)
        {
            int count = await ReadAsync(body.AsMemory(read));
            Assert.True(count > 0, "the connection ended inside a response");
            read += count;
        }

        return head + Encoding.ASCII.GetString(body);
    }

    internal async Task<string> ReadHeadAsync()
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!(head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n"))
        {
            Assert.Equal(1, await ReadAsync(one));
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>Reads what is there, at least a byte; 0 at the end.</summary>
    internal async Task<int> ReadAsync(Memory<byte> bytes)
    {
        if (_start == _end)
        {
            _start = 0;
            _end = await Wait.For(socket.ReceiveAsync(_buffer.AsMemory()).AsTask(), "bytes from the server");
        }

        int count = Math.Min(bytes.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(bytes);
        _start += count;
        return count;
    }

    internal async Task<string> ReadToEndAsync()
    {
        StringBuilder text = new();
        byte[] bytes = new byte[64 * 1024];
        while (true)
        {
            int count = await ReadAsync(bytes);
            if (count == 0)
            {
                return text.ToString();
            }

            text.Append(Encoding.ASCII.GetString(bytes, 0, count));
        }
    }

    public void Dispose() => socket.Dispose();
}
