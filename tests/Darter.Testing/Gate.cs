using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Darter.Testing;

/// <summary>
/// Where an application reports how far it has come, and may have to wait until the test lets it go on. The other half
/// is <c>testassets/support/gate.py</c>.
/// </summary>
public sealed class Gate : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, Channel<Arrival>> _arrivals = new();
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Task _accepting;

    /// <summary>Opens a gate.</summary>
    public Gate()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What an application has to know to reach it.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Waits for the application to come to the place of this name.</summary>
    public Task<Arrival> ReachedAsync(string name) =>
        Wait.For(ArrivalsAt(name).Reader.ReadAsync().AsTask(), $"the application to reach {name}");

    /// <summary>Whether the application came to the place of this name and nobody asked for that yet.</summary>
    public bool IsReached(string name) => ArrivalsAt(name).Reader.Count > 0;

    /// <summary>Lets everything that waits go on.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private Channel<Arrival> ArrivalsAt(string name) => _arrivals.GetOrAdd(name, _ => Channel.CreateUnbounded<Arrival>());

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                _sockets.Add(socket);
                _ = ReceiveAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        using var reader = new StreamReader(new NetworkStream(socket), leaveOpen: true);
        try
        {
            if (await reader.ReadLineAsync() is { } line)
            {
                string[] words = line.Split(' ', 2);
                await ArrivalsAt(words[0]).Writer.WriteAsync(new Arrival(socket, words.Length > 1 ? words[1] : ""));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process of the application was killed, or the gate closed.
        }
    }

    /// <summary>An application at a place.</summary>
    public sealed class Arrival(Socket socket, string text)
    {
        /// <summary>What it said.</summary>
        public string Text => text;

        /// <summary>Lets it go on.</summary>
        public void Release() => socket.Send("x"u8);
    }
}
