using System.Net;
using System.Net.Sockets;
using System.Text;
using Darter.Server.Configuration;

namespace Darter.Server.Tests.Proxying;

/// <summary>A destination on a bare socket: what comes is recorded as it is, and the test says what goes back.</summary>
internal sealed class SocketUpstream : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<SocketUpstream, Socket, Task> _serve;
    private readonly StringBuilder _received = new();
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;
    private int _connections;

    private SocketUpstream(Func<SocketUpstream, Socket, Task> serve)
    {
        _serve = serve;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Connections => Volatile.Read(ref _connections);

    public UpstreamDestination Destination => HttpUpstream.At($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    /// <summary>All bytes of all connections, as Latin-1.</summary>
    public string Received
    {
        get
        {
            lock (_received)
            {
                return _received.ToString();
            }
        }
    }

    /// <summary>Starts one; <paramref name="serve"/> has each connection, which is closed when it ends.</summary>
    public static SocketUpstream Start(Func<SocketUpstream, Socket, Task> serve) => new(serve);

    /// <summary>One that reads requests without bodies and answers each of them.</summary>
    public static SocketUpstream Answering(string response) => new(async (upstream, socket) =>
    {
        while (await upstream.ReadHeadAsync(socket) is not null)
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(response));
        }
    });

    /// <summary>Reads to the end of a head; null: the connection ended.</summary>
    public async Task<string?> ReadHeadAsync(Socket socket)
    {
        StringBuilder head = new();
        byte[] buffer = new byte[4096];
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = await socket.ReceiveAsync(buffer);
            if (read == 0)
            {
                return null;
            }

            string text = Encoding.Latin1.GetString(buffer, 0, read);
            head.Append(text);
            lock (_received)
            {
                _received.Append(text);
            }
        }

        return head.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        lock (_open)
        {
            _open.ForEach(socket => socket.Dispose());
        }

        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync();
                Interlocked.Increment(ref _connections);
                lock (_open)
                {
                    _open.Add(socket);
                }

                _ = ServeAsync(socket);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await _serve(this, socket);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Broken off.
        }
        finally
        {
            socket.Dispose();
        }
    }
}
