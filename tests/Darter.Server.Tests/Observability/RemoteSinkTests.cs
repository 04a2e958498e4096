using System.Net;
using System.Net.Sockets;
using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Darter.Testing;

namespace Darter.Server.Tests.Observability;

/// <summary>Servers that take logs and metrics.</summary>
public sealed class RemoteSinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("darter-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("udp://127.0.0.1:5140", "127.0.0.1", 5140, SocketType.Dgram)]
    [InlineData("udp://logs", "logs", 514, SocketType.Dgram)]
    [InlineData("udp://", "localhost", 514, SocketType.Dgram)]
    [InlineData("tcp://logs:601", "logs", 601, SocketType.Stream)]
    [InlineData("tcp://[::1]:601", "::1", 601, SocketType.Stream)]
    [InlineData("tcp://[::1]", "::1", 514, SocketType.Stream)]
    public void SyslogAddress_OfTheNetwork_IsReadAsGunicornDoes(string text, string host, int port, SocketType type)
    {
        Assert.True(SyslogAddress.TryParse(text, out SyslogAddress? address));
        Assert.Equal((host, port, type, null), (address.Host, address.Port, address.Type, address.Path));
    }

    [Theory]
    [InlineData("unix:///dev/log", null)]
    [InlineData("unix:///dev/log#dgram", SocketType.Dgram)]
    [InlineData("unix:///dev/log#stream", SocketType.Stream)]
    public void SyslogAddress_OfAUnixSocket_MayNameItsType(string text, SocketType? type)
    {
        Assert.True(SyslogAddress.TryParse(text, out SyslogAddress? address));
        Assert.Equal(("/dev/log", type), (address.Path, address.Type));
    }

    [Theory]
    [InlineData("localhost:514")]
    [InlineData("unix://")]
    [InlineData("unix:///dev/log#pigeon")]
    [InlineData("udp://host:port")]
    [InlineData("udp://host:70000")]
    [InlineData("tcp://[::1:514")]
    [InlineData("tcp://[::1]x")]
    public void SyslogAddress_ThatIsNone_IsRefused(string text) => Assert.False(SyslogAddress.TryParse(text, out _));

    [Theory]
    [InlineData("localhost:8125", true)]
    [InlineData("localhost", true)]
    [InlineData("unix:///run/statsd.sock", true)]
    [InlineData("unix://", false)]
    [InlineData(":8125", false)]
    [InlineData("localhost:x", false)]
    public void StatsdAddress_OfAText_IsReadOrRefused(string text, bool isAddress) => Assert.Equal(isAddress, StatsdAddress.TryParse(text, out _));

    [Fact]
    public async Task Syslog_OverUdp_IsADatagramAnEntry()
    {
        using Socket server = Listen(SocketType.Dgram, out int port);
        using SyslogSink sink = new(Address($"udp://127.0.0.1:{port}"));
        Assert.Equal(default, Write(sink, "<14>one", "<14>two"));
        Assert.Equal("<14>one", await ReceiveAsync(server));
        Assert.Equal("<14>two", await ReceiveAsync(server));
    }

    [Fact]
    public async Task Syslog_OverUnixDatagrams_SurvivesARestartOfTheServer()
    {
        string path = Path.Combine(_folder, "log");
        SyslogSink sink = new(Address($"unix://{path}"));
        using (sink)
        {
            using (Socket first = Bind(path))
            {
                Assert.Equal(default, Write(sink, "one"));
                Assert.Equal("one", await ReceiveAsync(first));
            }

            File.Delete(path);
            using Socket second = Bind(path);
            Assert.Equal(default, Write(sink, "two"));
            Assert.Equal("two", await ReceiveAsync(second));
        }
    }

    [Fact]
    public void Syslog_WithoutAServer_CountsWhatIsLost()
    {
        using SyslogSink sink = new(Address($"unix://{Path.Combine(_folder, "nobody")}"));
        LogLoss loss = Write(sink, "one", "two");
        Assert.Equal(2, loss.Entries);
        Assert.NotEmpty(loss.Reason!);
    }

    [Fact]
    public async Task Syslog_OverTcp_IsAStreamOfLines()
    {
        using Socket server = Listen(SocketType.Stream, out int port);
        using SyslogSink sink = new(Address($"tcp://127.0.0.1:{port}"));
        Assert.Equal(default, Write(sink, "one\n", "two\n"));
        using Socket connection = await Wait.For(server.AcceptAsync(TestContext.Current.CancellationToken).AsTask(), "a connection");
        using StreamReader reader = new(new NetworkStream(connection));
        Assert.Equal("one", await Wait.For(reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask(), "a line"));
        Assert.Equal("two", await Wait.For(reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask(), "a line"));
    }

    [Fact]
    public async Task Statsd_ManyMetrics_ShareDatagramsThatPassEverywhere()
    {
        using Socket server = Listen(SocketType.Dgram, out int port);
        server.ReceiveBufferSize = 1 << 20;
        Assert.True(StatsdAddress.TryParse($"127.0.0.1:{port}", out StatsdAddress? address));
        using StatsdSink sink = new(address);
        string[] metrics = [.. Enumerable.Range(0, 200).Select(number => $"gunicorn.requests:{number}|c|@1.0\n")];

        Assert.Equal(default, Write(sink, metrics));

        List<string> received = [];
        int datagrams = 0;
        while (received.Count < metrics.Length)
        {
            string datagram = await ReceiveAsync(server);
            Assert.InRange(datagram.Length, 1, 1432);
            received.AddRange(datagram.Split('\n'));
            datagrams++;
        }

        Assert.Equal(metrics, received.Select(metric => metric + "\n"));
        Assert.InRange(datagrams, 2, 10);
    }

    private static SyslogAddress Address(string text)
    {
        Assert.True(SyslogAddress.TryParse(text, out SyslogAddress? address));
        return address;
    }

    private static LogLoss Write(ILogSink sink, params string[] entries)
    {
        LogBatch batch = new();
        foreach (string entry in entries)
        {
            batch.Add(Encoding.UTF8.GetBytes(entry));
        }

        return sink.Write(batch.Bytes, batch.Ends);
    }

    private static Socket Listen(SocketType type, out int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (type == SocketType.Stream)
        {
            socket.Listen();
        }

        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }

    private static Socket Bind(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] buffer = new byte[4096];
        int length = await Wait.For(socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken).AsTask(), "a datagram");
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
