namespace Darter.Gateway.Tests.Asgi;

/// <summary>A worker that has served for long is as large as one that has just warmed up, and has no tasks left over.</summary>
public sealed class LeakTests
{
    private const int Rounds = 4;
    private const int Repetitions = 4_200;

    private static readonly string[] Kinds =
    [
        "/hello", "/no_keys", "/pieces", "/with_length", "/like_bytes", "/suspended", "/no_content", "/cookies", "/header_iterator", "/hop_by_hop",
        "/too_long", "/too_short", "/too_short_pieces", "/not_started", "/returns", "/returns_amid_body", "/raises", "/raises_amid_body",
        "/raises_later", "/cancels_itself", "/refused?value_crlf", "/refused?headers_number", "/refused?not_a_dict", "/refused_after_start",
        "/refused_after_end", "/receives", "/after_the_end", "/listens_beside", "/keeps", "/uses_kept", "/abandoned_calls", "/trailers",
        "/early_hints", "/path_send", "/zero_copy", "/path_send_missing", "/tasks/current", "/tasks/context?x", "/tasks/callback",
        "/tasks/cancelled_wait", "/tasks/cancel_swallowed", "/tasks/groups",
    ];

    [Theory, ClassData(typeof(Interpreters))]
    public void Worker_ManyRequestsOfEveryKind_DoesNotGrow(string python) => Check(python, Requests);

    [Theory, ClassData(typeof(Interpreters))]
    public void Worker_ManyWebSockets_DoesNotGrow(string python) => Check(python, WebSockets);

    [Theory, ClassData(typeof(Interpreters))]
    public void Worker_ManyClientsThatLeave_DoesNotGrow(string python) => Check(python, Leavers);

    private static void Check(string python, Action<TestWorker, int> serve)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "leaks", settings: new() { ["loop"] = "asyncio" });
        serve(worker, Repetitions);
        Dictionary<string, long>[] counts = [Count(worker), .. Enumerable.Range(0, Rounds).Select(_ => ServeAndCount())];

        foreach (string name in counts[0].Keys)
        {
            // Caches settle at some time, a leak grows in each round: what one of the kinds of requests leaks each time is more
            // than is allowed. The memory includes what the .NET heap takes until it is collected for the first time.
            long[] values = [.. counts.Select(count => count[name])];
            long growth = values.Zip(values.Skip(1), (before, after) => after - before).Min();
            long tolerance = name switch
            {
                "tasks" or "files" => 0,
                "objects" or "blocks" => 90,
                _ => 2000,
            };
            Assert.True(growth <= tolerance, $"{name} after each {Repetitions} repetitions: {string.Join(", ", values)}");
        }

        Dictionary<string, long> ServeAndCount()
        {
            serve(worker, Repetitions);
            return Count(worker);
        }
    }

    private static Dictionary<string, long> Count(TestWorker worker) => worker.Channel.Get("/counters").Text.Split('\n')
        .Select(line => line.Split('='))
        .ToDictionary(pair => pair[0], pair => long.Parse(pair[1]));

    private static void Requests(TestWorker worker, int count)
    {
        const int Batch = 50;
        List<uint> streams = [];
        for (int sent = 0; sent < count;)
        {
            streams.Clear();
            for (int i = 0; i < Batch; i++, sent++)
            {
                TestRequest request = new(Kinds[sent % Kinds.Length], sent % 11 == 0 ? "HEAD" : "GET") { ClientPort = (ushort)(1 + (sent % 60_000)) };
                streams.Add(sent % 4 == 0
                    ? worker.Channel.WriteWithBody(request with { Method = "POST", ContentLength = -1 }, new byte[1 + (sent % 3000)])
                    : worker.Channel.Write(request));
            }

            worker.Channel.Flush();
            foreach (uint stream in streams)
            {
                _ = worker.Channel.ReadResponse(stream);
            }
        }

        _ = worker.Channel.Get("/uses_kept");
    }

    private static void WebSockets(TestWorker worker, int count)
    {
        for (int i = 0; i < count / 10; i++)
        {
            TestWebSocket echo = TestWebSocket.Open(worker.Channel, "/echo");
            echo.Send("text");
            _ = echo.ReadText();
            echo.SendPiece(Wire.MessageKind.Binary, new byte[1000], isLast: false);
            echo.SendPiece(Wire.MessageKind.Binary, new byte[1000], isLast: true);
            _ = echo.ReadMessage();
            echo.SendClose(1000);
            echo.ReadEnd();
            TestWebSocket closing = TestWebSocket.Open(worker.Channel, "/closes");
            _ = closing.ReadText();
            _ = closing.ReadClose();
            closing.ReadEnd();
            TestWebSocket raising = TestWebSocket.Open(worker.Channel, "/raises");
            _ = raising.ReadText();
            _ = raising.ReadAbort();
            foreach (string target in new[] { "/refuses", "/denies", "/raises_at_once", "/returns_at_once" })
            {
                _ = worker.Channel.Exchange(new TestRequest(target) { IsWebSocket = true });
            }

            TestWebSocket flooding = TestWebSocket.Open(worker.Channel, "/floods");
            flooding.GrantsWindow = false;
            flooding.SendClose(1006);
            while (flooding.Read().Type == Wire.FrameType.Message)
            {
            }

            TestWebSocket two = TestWebSocket.Open(worker.Channel, "/two_tasks");
            two.Send("x");
            _ = two.ReadText();
            two.SendClose(1001);
            two.ReadEnd();
        }
    }

    private static void Leavers(TestWorker worker, int count)
    {
        for (int i = 0; i < count / 4; i++)
        {
            uint waiting = worker.Channel.Send(new TestRequest("/waits_for_disconnect"));
            uint raising = worker.Channel.Send(new TestRequest("/raises_disconnected"));
            uint reading = worker.Channel.Send(TestRequest.Post("/sums", 100));
            worker.Channel.GrantsWindow = false;
            uint streaming = worker.Channel.Send(new TestRequest("/streams_until_gone"));
            _ = worker.Channel.ReadPart(streaming);
            worker.Channel.GrantsWindow = true;
            foreach (uint stream in new[] { waiting, raising, reading, streaming })
            {
                worker.Channel.Cancel(stream);
                _ = worker.Channel.ReadResponse(stream);
            }
        }
    }
}
