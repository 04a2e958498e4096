using Darter.Wire;

namespace Darter.Gateway.Tests;

/// <summary>A front that sends nonsense: the worker ends with a line that says so, and never by a signal.</summary>
public sealed class HostileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Header_Broken_EndsTheWorker(int kind)
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        byte[] header = new byte[FrameHeader.Size];
        (FrameHeader frame, uint sequence) = kind switch
        {
            0 => (new FrameHeader(FrameType.Drain, 0, 0, 0), 7u),
            1 => (new FrameHeader(FrameType.Body, 0, 1, ChannelFormat.MaxPayload + 1), 1u),
            2 => (new FrameHeader(FrameType.Body, (FrameFlags)2, 1, 0), 1u),
            3 => (new FrameHeader((FrameType)99, 0, 1, 0), 1u),
            4 => (new FrameHeader(FrameType.Drain, 0, 1, 0), 1u),
            _ => (new FrameHeader(FrameType.Request, 0, 0, 0), 1u),
        };
        frame.Write(header, sequence);
        worker.Channel.SendRaw(header);

        AssertRejected(worker);
    }

    [Theory]
    [InlineData(FrameType.Hello, 0u, 28)]
    [InlineData(FrameType.Ready, 0u, 5)]
    [InlineData(FrameType.Failed, 0u, 5)]
    [InlineData(FrameType.Log, 0u, 5)]
    [InlineData(FrameType.Drain, 0u, 1)]
    [InlineData(FrameType.Response, 5u, 30)]
    [InlineData(FrameType.File, 5u, 16)]
    [InlineData(FrameType.End, 5u, 8)]
    [InlineData(FrameType.Abort, 5u, 5)]
    [InlineData(FrameType.Window, 5u, 3)]
    [InlineData(FrameType.Request, 5u, 0)]
    [InlineData(FrameType.Request, 5u, 200)]
    public void Frame_NotAllowed_EndsTheWorker(FrameType type, uint stream, int length)
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        worker.Channel.Send(type, stream, new byte[length]);

        AssertRejected(worker);
    }

    [Fact]
    public void Slot_BeyondThePage_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        worker.Channel.Send(FrameType.Request, 1, new TestRequest("/hello").ToPayload(Claim.Slots), FrameFlags.End);

        AssertRejected(worker);
    }

    [Fact]
    public void Body_BeyondTheWindow_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        uint stream = worker.Channel.Send(TestRequest.Post("/read_all", -1));
        uint behind = worker.Channel.Send(TestRequest.Post("/read_all", -1));
        for (int i = 0; i < 5; i++)
        {
            worker.Channel.SendBody(behind, new byte[ChannelFormat.MaxBodyChunk], isLast: false);
        }

        Assert.NotEqual(stream, behind);
        AssertRejected(worker);
    }

    [Fact]
    public void Body_AfterItsEnd_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        _ = worker.Channel.Send(TestRequest.Post("/read_all", -1));
        uint behind = worker.Channel.Send(TestRequest.Post("/read_all", -1), new byte[5]);
        worker.Channel.SendBody(behind, new byte[5], isLast: true);

        AssertRejected(worker);
    }

    [Fact]
    public void Body_OfARequestWithoutOne_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        _ = worker.Channel.Send(TestRequest.Post("/read_all", -1));
        uint behind = worker.Channel.Send(new TestRequest("/hello"));
        worker.Channel.SendBody(behind, new byte[5], isLast: true);

        AssertRejected(worker);
    }

    [Fact]
    public void Stream_UsedTwice_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        uint first = worker.Channel.Send(TestRequest.Post("/read_all", -1));
        worker.Channel.Send(FrameType.Request, first, new TestRequest("/hello").ToPayload(Claim.NoSlot), FrameFlags.End);

        AssertRejected(worker);
    }

    [Fact]
    public void Hello_OfAnotherFront_IsRefused()
    {
        using TestWorker worker = TestWorker.Launch(Interpreters.Newest, Repository.App("control"), "app");
        Assert.Equal(FrameType.Hello, worker.Channel.ReadFrame().Type);
        worker.Channel.SendHello(new byte[ChannelFormat.TokenSize]);

        Assert.Equal(1, worker.WaitForExit());
        Assert.Contains("the front that answered the hello is another one", worker.Errors);
    }

    [Fact]
    public void Bytes_Random_NeverCrashTheWorker()
    {
        Random random = new(2);
        for (int round = 0; round < 40; round++)
        {
            using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
            uint sequence = 1;
            bool open = true;
            for (int i = 0; i < 50 && open; i++)
            {
                byte[] payload = new byte[random.Next(100)];
                random.NextBytes(payload);
                if (random.Next(3) > 0)
                {
                    byte[] head = new TestRequest("/hello").ToPayload((ushort)random.Next(2000));
                    head[random.Next(head.Length)] = (byte)random.Next(256);
                    payload = head;
                }

                FrameType type = random.Next(3) > 0 ? FrameType.Request : (FrameType)random.Next(16, 20);
                byte[] frame = new byte[FrameHeader.Size + payload.Length];
                new FrameHeader(type, (FrameFlags)random.Next(2), (uint)random.Next(1, 6), payload.Length).Write(frame, sequence++);
                payload.CopyTo(frame.AsSpan(FrameHeader.Size));
                open = worker.Channel.SendRaw(frame);
            }

            worker.Channel.Socket.ShutdownSending();
            while (worker.Channel.Socket.Receive())
            {
                worker.Channel.Socket.Consume(worker.Channel.Socket.Waiting.Length);
            }

            Assert.Contains(worker.WaitForExit(), new[] { 0, 70 });
        }
    }

    private static void AssertRejected(TestWorker worker)
    {
        while (worker.Channel.TryReadFrame() is not null)
        {
        }

        Assert.Equal(70, worker.WaitForExit());
        Assert.Contains("darter: worker 1: the front sent what is not allowed", worker.Errors);
    }
}
