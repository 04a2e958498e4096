using Darter.Server.Tests.Applications;
using Darter.Testing;
using Darter.Testing.Http;
using Darter.Wire;

namespace Darter.Server.Tests.Development;

/// <summary>What pages get, and what browsers are told.</summary>
public sealed class LiveReloadTests
{
    private const string Page = "<p>page</p>";

    [Fact]
    public async Task Page_GetsTheScriptAtItsEnd()
    {
        await using FrontHarness front = await StartAsync();
        RawResponse response = await AskAsync(front, "Accept: text/html\r\n", Respond(200, ("content-type", "text/html; charset=utf-8")));
        Assert.StartsWith(Page, response.Text, StringComparison.Ordinal);
        Assert.Matches("<script src=\"/__darter__/live.js\" data-version=\"[0-9a-f]{8}\\.1\" async></script>\n$", response.Text);
    }

    [Fact]
    public async Task Page_WithAContentLength_GetsALongerOne()
    {
        await using FrontHarness front = await StartAsync();
        RawResponse response = await AskAsync(front, "Sec-Fetch-Dest: document\r\n", (worker, stream) =>
        {
            Span<byte> head = stackalloc byte[128];
            int length = ResponseHead.Write(head, 200, default, Page.Length);
            head[length++] = 1;
            head[length++] = 0;
            length += HeaderBlock.WriteField(head[length..], "content-type"u8, "text/html"u8);
            worker.Write(FrameType.Response, FrameFlags.None, stream, head[..length]);
            worker.Write(FrameType.Body, FrameFlags.None, stream, System.Text.Encoding.ASCII.GetBytes(Page));
            worker.End(stream);
        });
        Assert.Contains("live.js", response.Text, StringComparison.Ordinal);
        Assert.Equal($"{response.Text.Length}", response["Content-Length"]);
    }

    [Theory]
    [InlineData("Accept: text/html\r\n", "text/plain", null)]
    [InlineData("Accept: text/html\r\n", "text/html", "gzip")]
    [InlineData("Accept: */*\r\n", "text/html", null)]
    [InlineData("Accept: text/html\r\nSec-Fetch-Dest: empty\r\n", "text/html", null)]
    public async Task WhatIsNoPage_IsLeftAlone(string fields, string type, string? encoding)
    {
        await using FrontHarness front = await StartAsync();
        (string, string)[] given = encoding is null ? [("content-type", type)] : [("content-type", type), ("content-encoding", encoding)];
        Assert.Equal(Page, (await AskAsync(front, fields, Respond(200, given))).Text);
    }

    [Fact]
    public async Task WithoutLiveReload_NothingIsAddedAndThePathIsTheApplications()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        Assert.Equal(Page, (await AskAsync(front, "Accept: text/html\r\n", Respond(200, ("content-type", "text/html")))).Text);
        Assert.Equal(Page, (await AskAsync(front, "", Respond(200, ("content-type", "text/html")), "/__darter__/live.js")).Text);
    }

    [Fact]
    public async Task Events_TellOfEachChange_AndEndWithTheServer()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET /__darter__/live HTTP/1.1\r\nHost: a\r\n\r\n");
        RawResponse head = await connection.ReadHeadAsync();
        Assert.Equal("text/event-stream", head["Content-Type"]);
        Assert.Matches("\\.1 0\n\n$", await ReadChunkAsync(connection));

        front.Server.LiveReload!.Reload();
        Assert.Matches("\\.2 0\n\n$", await ReadChunkAsync(connection));
        front.Server.LiveReload.ReloadStyles();
        Assert.Matches("\\.2 1\n\n$", await ReadChunkAsync(connection));

        Task stop = front.Server.StopAsync(quick: false, TestContext.Current.CancellationToken);
        Assert.Equal("", await ReadChunkAsync(connection));
        Task leave = front.Workers.LeaveAsync();
        await Wait.For(stop, "the server to stop");
        await leave;
    }

    [Fact]
    public async Task Script_IsServed()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET /__darter__/live.js HTTP/1.1\r\nHost: a\r\n\r\n");
        RawResponse response = await connection.ReadResponseAsync();
        Assert.StartsWith("text/javascript", response["Content-Type"], StringComparison.Ordinal);
        Assert.Contains("EventSource(\"/__darter__/live\")", response.Text, StringComparison.Ordinal);
    }

    private static Task<FrontHarness> StartAsync() => FrontHarness.StartAsync(configure: static config => config with { LiveReload = true });

    private static Action<Workers.Tests.FakeWorker, uint> Respond(int status, params (string, string)[] fields) => (worker, stream) =>
    {
        worker.Respond(stream, status, fields);
        worker.Write(FrameType.Body, FrameFlags.None, stream, System.Text.Encoding.ASCII.GetBytes(Page));
        worker.End(stream);
    };

    private static async Task<RawResponse> AskAsync(FrontHarness front, string fields, Action<Workers.Tests.FakeWorker, uint> answer, string target = "/")
    {
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        answer(front.Worker, stream);
        return await connection.ReadResponseAsync();
    }

    private static async Task<string> ReadChunkAsync(RawConnection connection) =>
        System.Text.Encoding.ASCII.GetString(await Wait.For(connection.ReadChunkAsync(), "a chunk"));
}
