using System.Text;
using Darter.Wire;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>The messages of a request: its body, and that the client has left.</summary>
public sealed class ReceiveTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Body_InPieces_IsReceivedAsItComes(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        Assert.Equal("http.request:0:False", worker.Channel.Get("/receives").Text);
        Assert.Equal("http.request:5:False", Send(worker, "/receives", "hello"));

        using TestGate gate = new();
        uint stream = worker.Channel.Send(TestRequest.Post($"/receives?{gate.Path}", -1));
        worker.Channel.SendBody(stream, "one"u8.ToArray(), isLast: false);
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        worker.Channel.SendBody(stream, "two"u8.ToArray(), isLast: false);
        worker.Channel.SendBody(stream, [], isLast: true);

        // Both are read before the application asks, and so are one message.
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        gate.Open();
        Assert.Equal("http.request:3:True\nhttp.request:3:False", worker.Channel.ReadResponse(stream).Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Body_LongerThanTheWindow_IsGrantedAsItIsReceived(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        byte[] body = new byte[2_000_000];
        new Random(1).NextBytes(body);
        uint stream = worker.Channel.Send(TestRequest.Post("/sums", body.Length));
        long window = ChannelFormat.InitialRequestWindow;
        for (int offset = 0; offset < body.Length;)
        {
            long open = window + worker.Channel.Granted.GetValueOrDefault(stream) - offset;
            if (open == 0)
            {
                worker.Channel.ReadMore();
                continue;
            }

            int length = (int)Math.Min(Math.Min(open, ChannelFormat.MaxBodyChunk), body.Length - offset);
            worker.Channel.SendBody(stream, body[offset..(offset + length)], offset + length == body.Length);
            offset += length;
        }

        Assert.Equal($"{body.Length} {Crc32(body)}", worker.Channel.ReadResponse(stream).Text);
    }

    [Fact]
    public void Body_NotReceived_IsNotGranted()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        using TestGate gate = new();
        uint stream = worker.Channel.Send(TestRequest.Post($"/receives?{gate.Path}", -1));
        worker.Channel.SendBody(stream, [1], isLast: false);
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);

        // The first piece was received, the others wait.
        for (int i = 0; i < 3; i++)
        {
            worker.Channel.SendBody(stream, new byte[ChannelFormat.MaxBodyChunk], isLast: false);
        }

        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        Assert.False(worker.Channel.Granted.ContainsKey(stream));
        worker.Channel.Cancel(stream);
        gate.Open();
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Body_Echoed_ComesBack(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");

        Assert.Equal("hello", Send(worker, "/echo", "hello"));
        Assert.Equal(new string('x', 200_000), Send(worker, "/echo", new string('x', 200_000)));
    }

    [Fact]
    public void Body_NotWanted_IsDropped()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        uint stream = worker.Channel.Send(TestRequest.Post("/body_ignored", 10));
        Assert.Equal("ignored", worker.Channel.ReadResponse(stream).Text);
        worker.Channel.SendBody(stream, new byte[10], isLast: true);
        worker.Channel.Grant(stream, 10);

        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Disconnect_AfterTheEnd_IsReceived(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        Assert.Equal("hello", worker.Channel.Get("/after_the_end").Text);
        Assert.Equal("http.disconnect\nhttp.disconnect", worker.Channel.Get("/ask_seen").Text);

        Assert.Equal("hello", worker.Channel.Get("/listens_beside").Text);
        TestWait.Until(() => worker.Channel.Get("/ask_seen").Text == "heard http.disconnect");
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Cancel_WaitingApplication_IsTold(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        uint stream = worker.Channel.Send(new TestRequest("/waits_for_disconnect"));
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        worker.Channel.Cancel(stream);
        TestResponse cancelled = worker.Channel.ReadResponse(stream);

        Assert.Equal((AbortReason.Cancelled, false), (cancelled.Aborted, cancelled.HasHead));
        Assert.Equal(
            "http.request\nhttp.disconnect\nClientDisconnected: the client has disconnected",
            worker.Channel.Get("/ask_seen").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Contains("ConnectionError: after the client has left", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Cancel_ApplicationThatSends_FindsOut(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        uint raising = worker.Channel.Send(new TestRequest("/raises_disconnected"));
        worker.Channel.GrantsWindow = false;
        uint streaming = worker.Channel.Send(new TestRequest("/streams_until_gone"));
        while (worker.Channel.ReadPart(streaming).Body.Length < 240_000)
        {
        }

        worker.Channel.Cancel(streaming);
        worker.Channel.Cancel(raising);
        Assert.Equal(AbortReason.Cancelled, worker.Channel.ReadResponse(streaming).Aborted);
        Assert.Equal(AbortReason.Cancelled, worker.Channel.ReadResponse(raising).Aborted);
        Assert.Equal("ClientDisconnected", worker.Channel.Get("/ask_seen").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void ClientFinished_Application_IsToldAndHeard(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        uint stream = worker.Channel.Send(new TestRequest("/finished_client"));
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        worker.Channel.Send(FrameType.Cancel, stream, CancelReason.ClientFinished.ToArray());

        Assert.Equal("still delivered", worker.Channel.ReadResponse(stream).Text);
        Assert.Equal("http.disconnect", worker.Channel.Get("/ask_seen").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Functions_KeptBeyondTheRequest_DoNoHarm(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("kept", worker.Channel.Get("/keeps").Text);
            Assert.Equal("hello", worker.Channel.Get("/hello").Text);
            string[] lines = worker.Channel.Get("/uses_kept").Text.Split('\n');
            Assert.Equal(["{'type': 'http.disconnect'}", "{'type': 'http.disconnect'}"], lines[..2]);
            Assert.StartsWith("RuntimeError: unexpected ASGI message", lines[2]);
        }
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Receive_AsATask_BehavesAsACoroutine(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");

        Assert.Equal("{'type': 'http.request', 'body': b'', 'more_body': False}\ncancelled\ntimed out", worker.Channel.Get("/receive_as_task").Text);
        Assert.Equal(
            "cannot reuse already awaited coroutine\nKeyError('thrown')\nNone\nKeyError('again')\nhttp.request",
            worker.Channel.Get("/abandoned_calls").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Receive_GivenUp_LosesNoMessage(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        uint stream = worker.Channel.Send(TestRequest.Post("/timed_out_receive", 5));
        Assert.Single(worker.Channel.ReadPart(stream).Informational);
        worker.Channel.SendBody(stream, "later"u8.ToArray(), isLast: true);

        Assert.Equal("later", worker.Channel.ReadResponse(stream).Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Request_TakenBack_IsNotStarted(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        uint first = worker.Channel.Write(new TestRequest("/hello"));
        uint taken = worker.Channel.Write(new TestRequest("/raises"));
        uint body = worker.Channel.WriteWithBody(TestRequest.Post("/raises", 5), "hello"u8.ToArray());
        uint last = worker.Channel.Write(new TestRequest("/hello"));
        Assert.True(worker.Channel.Revoke(taken));
        Assert.True(worker.Channel.Revoke(body));
        worker.Channel.Flush();

        Assert.Equal("hello", worker.Channel.ReadResponse(first).Text);
        Assert.Equal("hello", worker.Channel.ReadResponse(last).Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Requests_Many_RunAtTheSameTime(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        using TestGate gate = new();
        uint[] streams = [.. Enumerable.Range(0, 1000).Select(_ => worker.Channel.Send(new TestRequest($"/gap?{gate.Path}")))];
        foreach (uint stream in streams)
        {
            Assert.Equal("first", worker.Channel.ReadPart(stream).Text);
        }

        gate.Open();
        Assert.All(streams, stream => Assert.Equal("firstsecond", worker.Channel.ReadResponse(stream).Text));
    }

    private static string Send(TestWorker worker, string target, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        return worker.Channel.ReadResponse(worker.Channel.Send(TestRequest.Post(target, bytes.Length), bytes)).Text;
    }

    private static uint Crc32(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
