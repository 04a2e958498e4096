using System.Net;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Leaks;

/// <summary>Thousands of requests of every kind leave nothing behind in the front or in a worker.</summary>
public class LeakTests(ServerPool pool) : ServerTest(pool)
{
    private const int Rounds = 40;
    private const int MemoryAllowance = 24 * 1024;

    private static readonly (string Behaviour, string Target)[] Complete =
    [
        ("responses", "/list"), ("responses", "/generator"), ("responses", "/write"), ("responses", "/exact"), ("responses", "/no-content"),
        ("responses", "/not-modified"), ("responses", "/early-hints"), ("responses", "/start-twice-in-generator"), ("responses", "/large?size=300000"),
        ("responses", "/many-headers"), ("environ", "/?unique"), ("errors", "/before-start"), ("errors", "/first-piece"), ("errors", "/replaced"),
        ("errors", "/header-value-int"), ("errors", "/not-started"), ("validated", "/pieces"),
    ];

    private static readonly (string Behaviour, string Target)[] Broken =
        [("responses", "/too-short-generator"), ("errors", "/between-pieces"), ("errors", "/after-write"), ("errors", "/replaced-too-late")];

    [Fact]
    public async Task Requests_OfEveryKindByTheThousand_LeaveNothingBehind()
    {
        Gate gate = OpenGate();
        string file = Path.Combine(TemporaryFolder(), "file.bin");
        await File.WriteAllBytesAsync(file, new byte[200_000], TestContext.Current.CancellationToken);
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("core"), Workers = 2, Threads = 2 });

        // What is made once and kept comes into being in the first rounds.
        for (int round = 0; round < Rounds / 4; round++)
        {
            await RunRoundAsync(server, file, gate, round);
        }

        IReadOnlyList<int> workers = server.Workers;
        int[] processes = [server.Pid, .. workers];
        await SettleAsync(server);
        int[] descriptors = [.. processes.Select(LinuxProcess.DescriptorCount)];
        int[] threads = [.. processes.Select(LinuxProcess.ThreadCount)];
        long[] memory = [.. processes.Select(LinuxProcess.AnonymousMemory)];
        for (int round = 0; round < Rounds; round++)
        {
            await RunRoundAsync(server, file, gate, round);
        }

        Assert.Equal(workers, server.Workers);
        await Wait.Until(
            () => processes.Select(LinuxProcess.DescriptorCount).Zip(descriptors).All(pair => pair.First <= pair.Second),
            () => $"descriptors to be closed; open are\n{string.Join("\n--\n", processes.Select(pid => string.Join('\n', LinuxProcess.Descriptors(pid))))}");
        await Wait.Until(
            () => processes.Select(LinuxProcess.ThreadCount).Zip(threads).All(pair => pair.First <= pair.Second + 2),
            () => $"{string.Join(", ", threads)} threads, not {string.Join(", ", processes.Select(LinuxProcess.ThreadCount))}");
        long[] after = [.. processes.Select(LinuxProcess.AnonymousMemory)];
        Assert.True(
            after.Zip(memory).All(pair => pair.First < pair.Second + MemoryAllowance),
            $"The processes grew from {string.Join(", ", memory)} to {string.Join(", ", after)} kB.");
    }

    private static async Task RunRoundAsync(DarterServer server, string file, Gate gate, int round)
    {
        await Task.WhenAll(
            RunClientAsync(server, HttpProtocol.Http1, file, gate, round),
            RunClientAsync(server, HttpProtocol.Http2, file, gate, round),
            RunAbortsAsync(server, gate),
            RunResetsAsync(server, gate));
    }

    private static async Task RunClientAsync(DarterServer server, HttpProtocol protocol, string file, Gate gate, int round)
    {
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        async Task AskAsync(HttpMethod method, string behaviour, string target, HttpContent? content = null)
        {
            using var request = new HttpRequestMessage(method, target)
            {
                Content = content,
                Version = client.DefaultRequestVersion,
                VersionPolicy = client.DefaultVersionPolicy,
            };
            request.Headers.Add("X-Behaviour", behaviour);
            request.Headers.Add("X-Round", $"{round}");
            using HttpResponseMessage response = await client.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
        }

        foreach ((string behaviour, string target) in Complete)
        {
            await AskAsync(HttpMethod.Get, behaviour, target);
            await AskAsync(HttpMethod.Head, behaviour, target);
        }

        foreach ((string behaviour, string target) in Broken)
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
            {
                await AskAsync(HttpMethod.Get, behaviour, target);
                throw new HttpRequestException("a 500 is as good");
            });
        }

        foreach (string kind in (string[])["file", "bytes", "iterated"])
        {
            await AskAsync(HttpMethod.Get, "files", $"/?path={file}&kind={kind}");
        }

        await AskAsync(HttpMethod.Post, "input", "/echo", new ByteArrayContent(new byte[1000]));
        await AskAsync(HttpMethod.Post, "input", "/hash", new ByteArrayContent(new byte[700_000]));
        await AskAsync(HttpMethod.Post, "input", "/ignore", new ByteArrayContent(new byte[100_000]));
        await AskAsync(HttpMethod.Get, "closing", $"/plain?port={gate.Port}");
    }

    // Clients that leave: before the request is whole, during the upload, before the answer, in the middle of it.
    private static async Task RunAbortsAsync(DarterServer server, Gate gate)
    {
        string[] beginnings =
        [
            "",
            "GET / HT",
            "GET /list HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\n",
            "GET /list HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\n\r\n",
            "POST /hash HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\nContent-Length: 1000000\r\n\r\nbeginning",
            "POST /hash HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "GET /large?size=3000000 HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\n\r\n",
            $"GET /endless?port={gate.Port} HTTP/1.1\r\nHost: h\r\nX-Behaviour: closing\r\n\r\n",
            "nonsense\r\n\r\n",
        ];
        foreach (string beginning in beginnings)
        {
            RawConnection connection = await RawConnection.OpenAsync(server.Address);
            await connection.WriteAsync(beginning);
            if (beginning.StartsWith("GET /large", StringComparison.Ordinal) || beginning.StartsWith("GET /endless", StringComparison.Ordinal))
            {
                await connection.ReadHeadAsync();
            }

            connection.Abort();
        }
    }

    // The same over HTTP/2, where streams are reset and the connection stays.
    private static async Task RunResetsAsync(DarterServer server, Gate gate)
    {
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http2);
        foreach ((string behaviour, string target) in ((string, string)[])[("responses", "/large?size=3000000"), ("closing", $"/endless?port={gate.Port}")])
        {
            using HttpRequestMessage request = client.CreateRequest(HttpMethod.Get, target);
            request.Headers.Add("X-Behaviour", behaviour);
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using Stream body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[1000]);
        }

        using var leave = new CancellationTokenSource();
        using HttpRequestMessage upload = client.CreateRequest(HttpMethod.Post, "/hash");
        upload.Headers.Add("X-Behaviour", "input");
        upload.Content = new AbandonedContent(leave);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(upload, leave.Token));
    }

    // The front has noticed that all clients are gone when it has no connection any more.
    private static Task SettleAsync(DarterServer server)
    {
        string address = $"0100007F:{server.Address.Port:X4} ";
        return Wait.Until(
            () => !File.ReadLines("/proc/net/tcp").Any(line => line.Contains($": {address}", StringComparison.Ordinal) && line.Contains(" 01 ", StringComparison.Ordinal)),
            "the connections to be closed");
    }

    /// <summary>A body that its sender gives up in the middle.</summary>
    private sealed class AbandonedContent(CancellationTokenSource leave) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[100_000], leave.Token);
            await leave.CancelAsync();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 1_000_000;
            return true;
        }
    }
}
