using System.Text;
using Darter.Wire;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>The messages of a WebSocket, and the frames that they become.</summary>
public sealed class WebSocketTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Scope_WebSocket_HasEveryKey(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        for (int i = 0; i < 3; i++)
        {
            TestWebSocket socket = TestWebSocket.Ask(worker.Channel, "/scope?a=b", ("sec-websocket-protocol", "chat, super-chat"), ("sec-websocket-protocol", "third"));
            socket.ReadAccept();
            string scope = socket.ReadText();
            foreach (string expected in new[]
            {
                "'type': 'websocket'", "'asgi': {'version': '3.0', 'spec_version': '2.5'}", "'http_version': '1.1'", "'scheme': 'ws'",
                "'path': '/scope'", "'raw_path': b'/scope'", "'query_string': b'a=b'", "'root_path': ''", "'client': ('127.0.0.1', 40001)",
                "'server': ('127.0.0.1', 8000)", "'subprotocols': ['chat', 'super-chat', 'third']", "'state': {}",
                "'extensions': {'websocket.http.response': {}}", "(b'upgrade', b'websocket')",
            })
            {
                Assert.Contains(expected, scope);
            }

            Assert.DoesNotContain("'method'", scope);
            socket.ReadEnd();
        }
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Messages_BothWays_AreEchoed(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/echo");
        socket.Send("hello \u2713");
        Assert.Equal("hello \u2713", socket.ReadText());
        socket.Send([0, 1, 255]);
        (MessageKind kind, byte[] bytes) = socket.ReadMessage();
        Assert.Equal(MessageKind.Binary, kind);
        Assert.Equal([0, 1, 255], bytes);
        socket.Send("");
        Assert.Equal("", socket.ReadText());
        socket.Send([]);
        Assert.Empty(socket.ReadMessage().Bytes);
        for (int i = 0; i < 1000; i++)
        {
            socket.Send($"{i}");
        }

        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal($"{i}", socket.ReadText()));
        socket.SendClose(4002, "that is all \u2713");
        socket.ReadEnd();
        Assert.Equal("{\"code\": 4002, \"reason\": \"that is all \\u2713\", \"type\": \"websocket.disconnect\"}", Seen(worker));
        Assert.Equal("2", worker.Channel.Get("/tasks").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Messages_InPieces_AreReassembled(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/echo");
        byte[] text = Encoding.UTF8.GetBytes("gr\u00fc\u00dfe");
        foreach (byte part in text[..^1])
        {
            socket.SendPiece(MessageKind.Text, [part], isLast: false);
        }

        socket.SendPiece(MessageKind.Text, [text[^1]], isLast: true);
        Assert.Equal("gr\u00fc\u00dfe", socket.ReadText());
        socket.SendPiece(MessageKind.Text, "end"u8.ToArray(), isLast: false);
        socket.SendPiece(MessageKind.Text, [], isLast: true);
        Assert.Equal("end", socket.ReadText());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Message_LongerThanBothWindows_PassesThrough(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/large");
        StringBuilder sent = new();
        for (int i = 0; sent.Length < 1_000_000; i++)
        {
            sent.Append(i).Append('\u00fc');
        }

        socket.SendLong(sent.ToString());
        char[] reversed = sent.ToString().ToCharArray();
        Array.Reverse(reversed);
        Assert.Equal(new string(reversed), socket.ReadText());
        socket.ReadEnd();
        Assert.True(socket.Granted > 500_000, $"{socket.Granted} granted");
    }

    [Fact]
    public void Messages_NotTaken_AreNotGranted()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "websocket", settings: new() { ["wsMaxQueue"] = 8 });
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/slow_reader");
        int charge = ChannelFormat.LeastMessageChargeToWorker(8);
        for (int i = 0; i < 8; i++)
        {
            socket.Send("x");
        }

        Assert.Equal("", worker.Channel.Get("/seen").Text);
        Assert.Equal(0, socket.Granted);
        Assert.Equal(200, worker.Channel.Get("/opens_gate").Status);
        for (int i = 1; i <= 8; i++)
        {
            Assert.Equal($"{i}", socket.ReadText());
        }

        socket.Send("y");
        Assert.Equal("9", socket.ReadText());
        Assert.Equal(8 * charge, socket.Granted);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Send_WindowUsedUp_Waits(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/floods");
        socket.GrantsWindow = false;
        Assert.All(Enumerable.Range(0, 2), i => Assert.Equal(Enumerable.Repeat((byte)i, 100_000), socket.ReadMessage().Bytes));
        socket.Grant(100_000);
        Assert.Equal(Enumerable.Repeat((byte)2, 100_000), socket.ReadMessage().Bytes);
        socket.GrantsWindow = true;
        socket.Grant(200_000);
        Assert.All(Enumerable.Range(3, 7), i => Assert.Equal(Enumerable.Repeat((byte)i, 100_000), socket.ReadMessage().Bytes));
        Assert.Equal(((ushort)4000, ""), socket.ReadClose());
        socket.ReadEnd();
        Assert.Equal("0\n1\n2\n3\n4\n5\n6\n7\n8\n9", Seen(worker));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Send_NotAwaited_IsSentBeforeTheEnd(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/floods_and_returns");

        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(Enumerable.Repeat((byte)i, 100_000), socket.ReadMessage().Bytes));
        socket.ReadEnd();
    }

    [Fact]
    public void Send_ManySmall_AreCharged()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/many_small");
        socket.GrantsWindow = false;
        int inWindow = ChannelFormat.InitialResponseWindow / ChannelFormat.LeastMessageCharge;
        Assert.All(Enumerable.Range(0, inWindow), i => Assert.Equal($"{i}", socket.ReadText()));
        socket.Grant(ChannelFormat.LeastMessageCharge * 10_000);
        Assert.All(Enumerable.Range(inWindow, 10_000 - inWindow), i => Assert.Equal($"{i}", socket.ReadText()));
        socket.ReadEnd();
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Accept_WithSubprotocolAndFields_SaysSo(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/subprotocol", ("sec-websocket-protocol", "a,b"));

        Assert.Equal([("sec-websocket-protocol", "b"), ("x-one", "1"), ("set-cookie", "a=b")], socket.Headers);
        Assert.Equal("[\"a\", \"b\"]", socket.ReadText());
        socket.ReadEnd();
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Messages_WithNoneValues_AreSent(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/none_values");

        Assert.Empty(socket.Headers);
        Assert.Equal("bytes"u8.ToArray(), socket.ReadMessage().Bytes);
        Assert.Equal("text", socket.ReadText());
        Assert.Equal("like bytes"u8.ToArray(), socket.ReadMessage().Bytes);
        Assert.Equal("", socket.ReadText());
        Assert.Equal(((ushort)1000, ""), socket.ReadClose());
        socket.ReadEnd();
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Close_ByTheApplication_IsSaid(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/closes");
        Assert.Equal("before", socket.ReadText());
        Assert.Equal(((ushort)4001, "gr\u00fc\u00dfe"), socket.ReadClose());
        socket.ReadEnd();
        string[] seen = Seen(worker).Split('\n');
        Assert.Equal("{\"code\": 4001, \"reason\": \"gr\\u00fc\\u00dfe\", \"type\": \"websocket.disconnect\"}", seen[0]);
        Assert.Equal("RuntimeError: unexpected ASGI message 'websocket.send': the WebSocket is closed", seen[1]);
        Assert.Equal("RuntimeError: unexpected ASGI message 'websocket.close': the WebSocket is closed", seen[2]);

        TestWebSocket plain = TestWebSocket.Open(worker.Channel, "/closes_plainly");
        Assert.Equal(((ushort)1000, ""), plain.ReadClose());
        plain.ReadEnd();
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Return_WithoutClose_EndsTheStream(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/returns");

        Assert.Equal("all", socket.ReadText());
        socket.ReadEnd();
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Exception_OfAnyPhase_HasItsOutcome(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket open = TestWebSocket.Open(worker.Channel, "/raises");
        Assert.Equal("before", open.ReadText());
        Assert.Equal((AbortReason.ApplicationError, "ValueError"), open.ReadAbort());

        Assert.Equal(500, Ask(worker, "/raises_at_once").Status);
        Assert.Equal(500, Ask(worker, "/returns_at_once").Status);
        Assert.Equal(500, Ask(worker, "/denies_amid").Status);
        Assert.Equal("RuntimeError: unexpected ASGI message 'websocket.accept': the handshake is answered by a response", Seen(worker));

        TestWebSocket closed = TestWebSocket.Open(worker.Channel, "/raises_after_close");
        Assert.Equal(((ushort)3000, ""), closed.ReadClose());
        closed.ReadEnd();

        Assert.Equal(0, worker.Drain());
        Assert.Contains("darter: exception in WebSocket /raises\nTraceback", worker.Errors);
        Assert.Contains("ValueError: raised in the handshake", worker.Errors);
        Assert.Contains("ValueError: raised after the close", worker.Errors);
        Assert.Contains("darter: the application returned without answering the handshake in WebSocket /returns_at_once", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void SystemExit_WhileOpen_EndsTheWorker(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/exits");

        Assert.Equal((AbortReason.ApplicationError, "SystemExit"), socket.ReadAbort());
        Assert.Null(worker.Channel.TryReadFrame());
        Assert.Equal(0, worker.WaitForExit());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Handshake_Refused_Is403(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestResponse response = Ask(worker, "/refuses");

        Assert.Equal((403, 0, ""), (response.Status, response.ContentLength, response.Text));
        Assert.Equal("{\"code\": 1006, \"reason\": \"\", \"type\": \"websocket.disconnect\"}", Seen(worker));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Handshake_Denied_HasTheApplicationsResponse(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestResponse response = Ask(worker, "/denies");

        Assert.Equal((418, "short and stout", "teapot"), (response.Status, response.Text, response.Header("x-why")));
        string[] seen = Seen(worker).Split('\n');
        Assert.Equal("{\"code\": 1006, \"reason\": \"\", \"type\": \"websocket.disconnect\"}", seen[0]);
        Assert.Equal("RuntimeError: unexpected ASGI message 'websocket.http.response.body': the WebSocket is closed", seen[1]);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Message_NotAllowed_IsRefused(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/refused");
        string[] results = socket.ReadText().Split('\n');
        socket.ReadEnd();

        Assert.Equal(
            [
                "RuntimeError: unexpected ASGI message 'websocket.send': the WebSocket has not been accepted",
                "RuntimeError: unexpected ASGI message 'websocket.http.response.body': the WebSocket has not been accepted",
                "TypeError: the subprotocol must be a str, not bytes",
                "ValueError: the subprotocol is not a token",
                "ValueError: a header value contains a control character",
                "TypeError: a header name must be bytes, not str",
                "RuntimeError: unexpected ASGI message 'websocket.unknown': a WebSocket has no such message",
                "RuntimeError: unexpected ASGI message 'http.response.start': a WebSocket has no such message",
                "RuntimeError: unexpected ASGI message 'websocket.accept': the WebSocket has been accepted",
                "RuntimeError: unexpected ASGI message 'websocket.http.response.start': the WebSocket has been accepted",
                "ValueError: the message has neither bytes nor a text",
                "TypeError: the text of a message must be a str, not bytes",
                "TypeError: the bytes of a message must be bytes, not str",
                "UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed",
                "ValueError: 999 is not a close code that can be sent",
                "ValueError: 1005 is not a close code that can be sent",
                "ValueError: 1006 is not a close code that can be sent",
                "ValueError: 1015 is not a close code that can be sent",
                "ValueError: 5000 is not a close code that can be sent",
                "TypeError: the close code must be an int, not str",
                "TypeError: the reason must be a str, not bytes",
                "ValueError: the reason of a close has at most 123 bytes",
            ],
            results);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Disconnect_Application_IsTold(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/after_disconnect");
        socket.Send("one");
        socket.SendClose(1006);
        socket.ReadEnd();
        string gone = "ClientDisconnected: the client has disconnected";
        Assert.Equal($"websocket.disconnect\n{gone}\n{gone}", Seen(worker));

        TestWebSocket sending = TestWebSocket.Open(worker.Channel, "/sends_after_disconnect");
        sending.SendClose(1001);
        sending.ReadEnd();

        TestWebSocket flooding = TestWebSocket.Open(worker.Channel, "/floods");
        flooding.GrantsWindow = false;
        _ = flooding.ReadMessage();
        _ = flooding.ReadMessage();
        flooding.SendClose(1006);
        while (flooding.Read().Type == FrameType.Message)
        {
        }

        Assert.Equal(0, worker.Drain());
        Assert.Contains("OSError: after the client has left", worker.Errors);
        Assert.DoesNotContain("ClientDisconnected", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Cancel_InTheHandshake_IsTold(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Ask(worker.Channel, "/waits_in_handshake");
        Assert.Equal("", worker.Channel.Get("/seen").Text);
        worker.Channel.Cancel(socket.Stream);

        Assert.Equal(AbortReason.Cancelled, socket.ReadAbort().Reason);
        Assert.Equal("{\"code\": 1006, \"reason\": \"\", \"type\": \"websocket.disconnect\"}", Seen(worker));
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Tasks_ReadingAndWriting_AreIndependent(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/two_tasks");
        for (int i = 0; i < 100; i++)
        {
            socket.Send($"{i}");
        }

        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal($"got {i}", socket.ReadText()));
        socket.SendClose(1000);
        socket.ReadEnd();
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Drain_OpenWebSocket_IsFinished(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/echo");
        worker.Channel.Send(FrameType.Drain, 0, []);
        socket.Send("still served");
        Assert.Equal("still served", socket.ReadText());
        socket.SendClose(1012);
        socket.ReadEnd();

        Assert.Null(worker.Channel.TryReadFrame());
        Assert.Equal(0, worker.WaitForExit());
    }

    private static TestResponse Ask(TestWorker worker, string target) =>
        worker.Channel.Exchange(new TestRequest(target) { IsWebSocket = true });

    private static string Seen(TestWorker worker) => worker.Channel.Get("/seen").Text;
}
