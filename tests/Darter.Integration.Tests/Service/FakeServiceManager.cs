using System.Net.Sockets;
using System.Text;

namespace Darter.Integration.Tests.Service;

/// <summary>Receives what services tell systemd.</summary>
internal sealed class FakeServiceManager : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("darter-notify-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _messages = [];
    private readonly Task _receiving;

    public FakeServiceManager(bool isAbstract = false)
    {
        string path = isAbstract ? $"darter-notify-{Guid.NewGuid():N}" : Path.Combine(_folder.FullName, "notify");
        Address = isAbstract ? $"@{path}" : path;
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{path}" : path));
        _receiving = ReceiveAsync();
    }

    /// <summary>For NOTIFY_SOCKET.</summary>
    public string Address { get; }

    /// <summary>All messages until now.</summary>
    public string Text => string.Join("\n", Messages);

    private string[] Messages
    {
        get
        {
            lock (_messages)
            {
                return [.. _messages];
            }
        }
    }

    /// <summary>How many messages have this text.</summary>
    public int Count(string text) => Messages.Count(message => message.Contains(text, StringComparison.Ordinal));

    /// <summary>Which is the first message with this text.</summary>
    public int IndexOf(string text) => Array.FindIndex(Messages, message => message.Contains(text, StringComparison.Ordinal));

    /// <summary>The first message with this text.</summary>
    public string MessageWith(string text) => Messages.First(message => message.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits for a message with this text.</summary>
    public Task WaitForAsync(string text) => Wait.Until(() => Count(text) > 0, () => $"{text} in\n{Text}");

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving;
        _folder.Delete(recursive: true);
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                int count = await _socket.ReceiveAsync(buffer);
                lock (_messages)
                {
                    _messages.Add(Encoding.UTF8.GetString(buffer, 0, count));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
