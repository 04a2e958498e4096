namespace Darter.Gateway.Tests;

/// <summary>A worker that has served for long is as large as one that has just warmed up.</summary>
public sealed class LeakTests
{
    private const int Requests = 200_000;

    private static readonly string[] Kinds =
    [
        "/hello", "/computed", "/pair", "/empty_list", "/generator", "/late_start", "/generator_with_length", "/sized", "/iterable",
        "/write_only", "/write_and_return", "/too_long", "/too_short", "/no_content", "/not_modified", "/reason", "/cookies", "/hop_by_hop",
        "/replaced", "/reraised", "/raises_later", "/started_twice", "/early_hints", "/file", "/file_in_memory", "/subclasses",
        "/bad_value_crlf", "/bad_headers_type", "/write_before_start", "/use_kept", "/closed",
    ];

    [Theory, ClassData(typeof(Interpreters))]
    public void Worker_ManyRequestsOfEveryKind_DoesNotGrow(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "leaks");
        Serve(worker, Requests / 10);
        (Dictionary<string, long> before, long memoryBefore) = Count(worker);
        Serve(worker, Requests);
        (Dictionary<string, long> after, long memoryAfter) = Count(worker);

        foreach ((string name, long count) in before)
        {
            // The caches hold some objects by which bytes came last; a leak of one in a hundred requests is far more.
            long tolerance = name switch
            {
                "objects" => 50,
                "blocks" => 1000,
                _ => 300,
            };
            Assert.True(Math.Abs(after[name] - count) <= tolerance, $"{name}: {count} before, {after[name]} after {Requests} requests");
        }

        Assert.True(memoryAfter - memoryBefore < 2048, $"{memoryBefore} KiB before, {memoryAfter} KiB after");
    }

    private static (Dictionary<string, long> Counters, long Memory) Count(TestWorker worker)
    {
        worker.Channel.Get("/use_kept");
        worker.Channel.Get("/closed");
        Dictionary<string, long> counters = worker.Channel.Get("/counters").Text.Split('\n')
            .Select(line => line.Split('='))
            .ToDictionary(pair => pair[0], pair => long.Parse(pair[1]));
        return (counters, long.Parse(worker.Channel.Get("/memory").Text));
    }

    private static void Serve(TestWorker worker, int count)
    {
        const int Batch = 64;
        Random random = new(3);
        TestRequest[] requests = [.. Kinds.Select(kind => new TestRequest(kind)), .. Kinds.Select(kind => new TestRequest(kind, "HEAD"))];
        List<uint> streams = [];
        for (int sent = 0; sent < count;)
        {
            streams.Clear();
            for (int i = 0; i < Batch; i++, sent++)
            {
                TestRequest request = (sent % 1000 == 0 ? new TestRequest("/large") : requests[(sent / 3) % requests.Length]) with { ClientPort = (ushort)random.Next(1, 60_000) };
                streams.Add(sent % 5 == 0
                    ? worker.Channel.Write(request with { Headers = [("host", "a"), ("cookie", $"{random.Next(300)}")], Target = $"{request.Target}?{random.Next(1000)}" })
                    : sent % 7 == 0 ? worker.Channel.WriteWithBody(request with { Method = "POST", ContentLength = -1 }, new byte[random.Next(1, 3000)])
                    : worker.Channel.Write(request));
            }

            worker.Channel.Flush();
            foreach (uint stream in streams)
            {
                Assert.True(worker.Channel.ReadResponse(stream).ServiceTime >= 0);
            }
        }
    }
}
