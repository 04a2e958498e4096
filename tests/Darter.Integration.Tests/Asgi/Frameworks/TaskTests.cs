using System.Net;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Tasks of requests, context variables, timeouts and cancellation are what they are under any other server.</summary>
public class TaskTests(ServerPool pool) : FrameworkTest(pool)
{
    private static readonly string[] LoopNames = ["asyncio", "uvloop"];

    public static TheoryData<string> Loops => new(LoopNames);

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task CurrentTask_OfARequest_IsARealTask(string loop)
    {
        Assert.Equal("[True, True, True, True, True, True]", (await AskAsync(await ShareTasksAsync(loop), "/current_task")).Text);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task ContextVariables_OfRequestsSideBySide_StayApart(string loop)
    {
        Gate gate = OpenGate();
        using HttpClient client = Client(await ShareTasksAsync(loop), HttpProtocol.Http2);
        Task<string>[] answers = [.. Enumerable.Range(0, 20).Select(number => client.GetStringAsync($"/context?name=n{number}&port={gate.Port}", Cancellation))];
        var arrivals = new List<Gate.Arrival>();
        while (arrivals.Count < answers.Length)
        {
            arrivals.Add(await gate.ReachedAsync("set"));
        }

        arrivals.ForEach(arrival => arrival.Release());
        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"nobody n{number} n{number}"), await Task.WhenAll(answers));
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Receive_GivenUpByTimeouts_LosesNothing(string loop)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareTasksAsync(loop);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/timeout_receive?port={gate.Port}"));
        Assert.Equal("['timeout', True, 'wait_for']", (await gate.ReachedAsync("waiting")).Text);

        connection.Abort();

        Assert.Equal("http.disconnect", (await gate.ReachedAsync("left")).Text);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Send_ToAClientThatDoesNotRead_CanBeGivenUp(string loop)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareTasksAsync(loop);
        int mark = server.Log.Count;
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address, receiveBuffer: 4096);
        await connection.WriteAsync(Get($"/timeout_send?port={gate.Port}"));

        Assert.Equal("0", (await gate.ReachedAsync("gave_up")).Text);

        await server.Log.WaitForAsync("TimeoutError", mark);
        await connection.ReadToEndAsync();
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Cancellation_ByTheApplication_IsItsOwnBusiness(string loop)
    {
        DarterServer server = await ShareTasksAsync(loop);
        Assert.Equal("cancelled ['worked']", (await AskAsync(server, "/cancel_child")).Text);
        Assert.Equal("went on", (await AskAsync(server, "/cancel_and_go_on")).Text);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Cancellation_OfTheRequestsOwnTask_IsA500(string loop)
    {
        DarterServer server = await ShareTasksAsync(loop);
        int mark = server.Log.Count;
        Assert.Equal(500, (await AskAsync(server, "/cancel_itself")).Status);
        await server.Log.WaitForAsync("CancelledError", mark);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task TaskGroups_CancelTheOthersWhenOneFails(string loop)
    {
        Assert.Equal(
            "['cancelled', 'cancelled', 'one of the group', 'cancelled', 1]", (await AskAsync(await ShareTasksAsync(loop), "/group")).Text);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Threads_OfARequest_ReachItsLoopAndContext(string loop)
    {
        Assert.Equal("threaded", (await AskAsync(await ShareTasksAsync(loop), "/threads")).Text);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Task_ThatOutlivesItsRequest_GoesOn(string loop)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareTasksAsync(loop);
        Assert.Equal("hello", (await AskAsync(server, $"/outlives?port={gate.Port}")).Text);
        (await gate.ReachedAsync("outlived")).Release();
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Requests_ThatWaitForEachOther_RunSideBySide(string loop)
    {
        DarterServer server = await ShareTasksAsync(loop);
        using HttpClient http1 = Client(server, HttpProtocol.Http1);
        using HttpClient http2 = Client(server, HttpProtocol.Http2);
        for (int round = 0; round < 3; round++)
        {
            Task<HttpResponseMessage>[] sent =
                [.. Enumerable.Range(0, 150).Select(number => (number % 3 == 0 ? http1 : http2).GetAsync("/rendezvous?count=150", Cancellation))];
            foreach (Task<HttpResponseMessage> one in sent)
            {
                Assert.Equal((HttpStatusCode.OK, "met"), await ReadAsync(one));
            }
        }
    }

    private Task<DarterServer> ShareTasksAsync(string loop)
    {
        PythonInterpreter python = Require.SystemPython("anyio");
        Assert.SkipUnless(python.Version >= new Version(3, 11), "asyncio.timeout and TaskGroup came with Python 3.11.");
        if (loop == "uvloop")
        {
            Require.SystemPython("uvloop");
        }

        return ShareAsync("tasks", "anyio", "--loop", loop);
    }
}
