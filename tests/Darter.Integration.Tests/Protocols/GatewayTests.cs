using System.Buffers.Binary;
using System.Text;
using Darter.Integration.Tests.Logs;

namespace Darter.Integration.Tests.Protocols;

/// <summary>The gateway protocols spoken by the tests themselves.</summary>
public class GatewayTests(ServerPool pool) : LogTest(pool)
{
    private static readonly string[] Binds = ["uwsgi://127.0.0.1:0", "fastcgi://127.0.0.1:0", "scgi://127.0.0.1:0"];

    [Theory]
    [InlineData(0, "GET / HTTP/1.1\r\n\r\n", "begins with a request of HTTP")]
    [InlineData(0, "\u0001\0\0\0", "modifiers 1 and 0")]
    [InlineData(0, "\0\u0002\0\0\u0005\0", "lengths of its variables")]
    [InlineData(0, "\0\0\0\0", "no REQUEST_METHOD")]
    [InlineData(1, "\u0002", "other than a record of FastCGI 1")]
    [InlineData(1, "\u0001\u0001\0\0\0\0\0\0", "FCGI_BEGIN_REQUEST is malformed")]
    [InlineData(2, "hello", "does not begin with a netstring")]
    [InlineData(2, "1:x;", "does not end with a comma")]
    public async Task Connection_WithSomethingElse_IsClosedWithOneLine(int bind, string bytes, string cause)
    {
        DarterServer server = await ShareAsync(Options());
        int mark = server.Log.Count;
        await using (RawConnection connection = await RawConnection.OpenAsync(server.Addresses[bind]))
        {
            await connection.WriteAsync(bytes);
            await connection.ReadToEndAsync();
        }

        string line = await server.Log.WaitForAsync(cause, mark);
        Assert.Contains($"[WARNING] A connection at {Binds[bind]} is closed: ", line, StringComparison.Ordinal);

        // The others notice nothing.
        string answer = await TalkAsync(server.Addresses[0], Uwsgi("/whoami"));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Single(server.Log.Lines(mark), text => text.Contains(cause, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Connection_ThatSendsPartOfAHead_IsClosedInTime(int bind)
    {
        await using DarterServer server = await DarterServer.StartAsync(Options("--request-header-timeout", "1"));
        await using RawConnection connection = await RawConnection.OpenAsync(server.Addresses[bind]);
        await connection.WriteAsync(bind == 0 ? "\0\u0010\0" : bind == 1 ? "\u0001\u0001\0\u0001" : "70:CONT");
        Assert.True(await connection.IsClosedAsync());
        Assert.Contains(Binds[bind], await server.Log.WaitForAsync("--request-header-timeout)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_OverUwsgi_IsInTheAccessLogAndHeldToTheLimits()
    {
        await using DarterServer server = await DarterServer.StartAsync(Options("--access-logfile", "-", "--access-logformat", "%(h)s %(r)s %(s)s %(B)s", "--livez", "/livez"));
        Assert.StartsWith("HTTP/1.1 414 URI Too Long\r\n", await TalkAsync(server.Addresses[0], Uwsgi("/" + new string('x', 9000))), StringComparison.Ordinal);
        await server.Output.WaitForAsync(" 414 17");
        Assert.Contains("\"live\"", await TalkAsync(server.Addresses[0], Uwsgi("/livez")), StringComparison.Ordinal);
        await server.Output.WaitForAsync("203.0.113.9 GET /livez HTTP/1.1 200 18");
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Request_WhileTheServerStops_IsAnswered(int bind)
    {
        Gate gate = OpenGate();
        await using DarterServer server = await DarterServer.StartAsync(Options() with { Target = App("streaming") });
        Task<string> answer = TalkAsync(server.Addresses[bind], bind == 0 ? Uwsgi($"/?port={gate.Port}&count=1") : bind == 1 ? FastCgi($"/?port={gate.Port}&count=1") : Scgi($"/?port={gate.Port}&count=1"));
        Gate.Arrival arrival = await gate.ReachedAsync("sent");
        server.Send(Darter.Testing.Processes.Signal.Terminate);
        await server.Log.WaitForAsync("Handling signal");
        arrival.Release();
        Assert.Contains("piece 0\n", await answer, StringComparison.Ordinal);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Files_OverUwsgi_AreServedFromAStaticFolder()
    {
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "a.txt"), "the file", TestContext.Current.CancellationToken);
        await using DarterServer server = await DarterServer.StartAsync(Options("--static", $"/static={folder}"));
        string answer = await TalkAsync(server.Addresses[0], Uwsgi("/static/a.txt"));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nthe file", answer, StringComparison.Ordinal);
    }

    private static DarterServerOptions Options(params string[] arguments) => new() { Target = App("whoami"), Binds = Binds, Arguments = arguments };

    private static async Task<string> TalkAsync(ServerAddress address, string request)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(address);
        await connection.WriteAsync(request);
        return Encoding.Latin1.GetString(await connection.ReadToEndAsync());
    }

    private static string[] Variables(string target) =>
        ["CONTENT_LENGTH", "0", "SCGI", "1", "REQUEST_METHOD", "GET", "REQUEST_URI", target, "SERVER_PROTOCOL", "HTTP/1.1", "REMOTE_ADDR", "203.0.113.9"];

    private static string Uwsgi(string target)
    {
        string block = string.Concat(Variables(target).Select(text => Length(text.Length) + text));
        return $"\0{Length(block.Length)}\0{block}";
    }

    private static string Scgi(string target)
    {
        string block = string.Join('\0', Variables(target)) + '\0';
        return $"{block.Length}:{block},";
    }

    private static string FastCgi(string target)
    {
        string pairs = string.Concat(Variables(target).Chunk(2).Select(pair => $"{(char)pair[0].Length}{(char)pair[1].Length}{pair[0]}{pair[1]}"));
        return Record(1, "\0\u0001\0\0\0\0\0\0") + Record(4, pairs) + Record(4, "") + Record(5, "");
    }

    private static string Record(byte type, string content) =>
        $"\u0001{(char)type}\0\u0001{(char)(content.Length >> 8)}{(char)(content.Length & 255)}\0\0{content}";

    private static string Length(int length)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)length);
        return Encoding.Latin1.GetString(bytes);
    }
}
