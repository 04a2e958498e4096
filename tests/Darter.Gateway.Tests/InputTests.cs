using System.Security.Cryptography;
using System.Text;
using Darter.Wire;

namespace Darter.Gateway.Tests;

/// <summary><c>wsgi.input</c>.</summary>
public sealed class InputTests
{
    private static readonly byte[] Lines = Encoding.ASCII.GetBytes("one\ntwo\n\nthree");

    [Theory, ClassData(typeof(Interpreters))]
    public void Input_EveryMethod_ReadsAsAFileDoes(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "input");
        foreach ((string call, string expected) in new[]
        {
            ("/read", "b'one\\ntwo\\n\\nthree'"),
            ("/read?-1,", "b'one\\ntwo\\n\\nthree'"),
            ("/read?None,", "b'one\\ntwo\\n\\nthree'"),
            ("/read?5,", "b'one\\nt'"),
            ("/read?0,", "b''"),
            ("/read?100,", "b'one\\ntwo\\n\\nthree'"),
            ("/read1", "b'one\\ntwo\\n\\nthree'"),
            ("/read1?4,", "b'one\\n'"),
            ("/read1?0,", "b''"),
            ("/reads?3,", "b'one\\ntwo\\n\\nthree' in 5"),
            ("/readline", "b'one\\n'"),
            ("/readline?2,", "b'on'"),
            ("/readline?4,", "b'one\\n'"),
            ("/readline?0,", "b''"),
            ("/readlines", "[b'one\\n', b'two\\n', b'\\n', b'three']"),
            ("/readlines?5,", "[b'one\\n', b'two\\n']"),
            ("/readlines?0,", "[b'one\\n', b'two\\n', b'\\n', b'three']"),
            ("/iterate", "[b'one\\n', b'two\\n', b'\\n', b'three']"),
            ("/mixed", "[b'one', b'\\n', b'two\\n', b'\\nthree', b'', b'', []]"),
            ("/wrong", "['TypeError', 'TypeError', 'TypeError', 'TypeError', 'None', \"b''\"]"),
            ("/ignore", "b'ignored'"),
        })
        {
            Assert.Equal(expected.Replace("b'ignored'", "ignored"), Post(worker, call, Lines));
            Assert.Equal(expected.Replace("b'ignored'", "ignored"), PostInPieces(worker, call, Lines, 1));
        }
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Input_NoBody_IsEmpty(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "input");
        Assert.Equal("b''", worker.Channel.Get("/read").Text);
        Assert.Equal("b''", worker.Channel.Get("/read?10,").Text);
        Assert.Equal("b''", worker.Channel.Get("/readline").Text);
        Assert.Equal("[]", worker.Channel.Get("/readlines").Text);
        Assert.Equal("[]", worker.Channel.Get("/iterate").Text);
        Assert.Equal("b''", Post(worker, "/read", []));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Input_LargeBody_IsReadWithinTheWindow(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "input");
        byte[] body = new byte[3_000_000];
        new Random(1).NextBytes(body);
        string expected = $"{body.Length} {Convert.ToHexStringLower(SHA256.HashData(body))}";

        Assert.Equal(expected, PostWithinTheWindow(worker, "/read", body, body.Length));
        Assert.Equal(expected, PostWithinTheWindow(worker, "/read", body, -1));
        Assert.StartsWith(expected, PostWithinTheWindow(worker, "/reads?100000,", body, -1));
        Assert.StartsWith(expected, PostWithinTheWindow(worker, "/reads?1000000,", body, body.Length));
        Assert.Equal(expected, PostWithinTheWindow(worker, "/read?3000000,", body, -1));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Input_LineLongerThanTheWindow_IsRead(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "input");
        byte[] body = [.. Enumerable.Repeat((byte)'a', 1_000_000), (byte)'\n', .. Enumerable.Repeat((byte)'b', 500_000)];

        Assert.Equal("[1000001, 500000]", PostWithinTheWindow(worker, "/readlines", body, -1));
        Assert.Equal("[1000001, 500000]", PostWithinTheWindow(worker, "/iterate", body, body.Length));
        Assert.StartsWith("400000 ", PostWithinTheWindow(worker, "/readline?400000,", body, -1));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Input_EchoedInPieces_StreamsBothWays(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "input");
        uint stream = worker.Channel.Send(new TestRequest("/echo", "POST") { ContentLength = -1 });
        for (int i = 0; i < 5; i++)
        {
            byte[] piece = Encoding.ASCII.GetBytes($"piece {i};");
            worker.Channel.SendBody(stream, piece, isLast: false);
            Assert.Equal(piece.Length * (i + 1), worker.Channel.ReadPart(stream).Body.Length);
        }

        worker.Channel.SendBody(stream, [], isLast: true);
        Assert.Equal("piece 0;piece 1;piece 2;piece 3;piece 4;", worker.Channel.ReadResponse(stream).Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Input_NotRead_IsForgotten(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "input");
        for (int i = 0; i < 20; i++)
        {
            // The rest of the body comes after the answer.
            uint stream = worker.Channel.Send(TestRequest.Post("/ignore", 100_000));
            worker.Channel.SendBody(stream, new byte[50_000], isLast: false);
            Assert.Equal("ignored", worker.Channel.ReadResponse(stream).Text);
            worker.Channel.SendBody(stream, new byte[50_000], isLast: true);
            Assert.Equal("b'one'", Post(worker, "/read", "one"u8.ToArray()));
        }
    }

    [Fact]
    public void Input_OfQueuedRequests_WaitsWithThem()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "input");
        uint[] streams = new uint[50];
        uint first = worker.Channel.Send(TestRequest.Post("/read", 3));
        for (int i = 0; i < streams.Length; i++)
        {
            streams[i] = worker.Channel.Send(TestRequest.Post("/read", -1), Encoding.ASCII.GetBytes($"body {i}"));
        }

        worker.Channel.SendBody(first, "one"u8.ToArray(), isLast: true);
        Assert.Equal("b'one'", worker.Channel.ReadResponse(first).Text);
        for (int i = 0; i < streams.Length; i++)
        {
            Assert.Equal($"b'body {i}'", worker.Channel.ReadResponse(streams[i]).Text);
        }
    }

    private static string Post(TestWorker worker, string target, byte[] body) =>
        worker.Channel.ReadResponse(worker.Channel.Send(new TestRequest(target, "POST") { ContentLength = -1 }, body)).Text;

    private static string PostInPieces(TestWorker worker, string target, byte[] body, int size)
    {
        uint stream = worker.Channel.Send(new TestRequest(target, "POST") { ContentLength = body.Length });
        foreach (byte[] piece in body.Chunk(size))
        {
            worker.Channel.SendBody(stream, piece, isLast: false);
        }

        worker.Channel.SendBody(stream, [], isLast: true);
        string text = worker.Channel.ReadResponse(stream).Text;

        // read1 gives what has come.
        return target.StartsWith("/read1", StringComparison.Ordinal) && !target.EndsWith("?0,", StringComparison.Ordinal) ? Post(worker, target, body) : text;
    }

    /// <summary>Sends a body as the front does: never more than was granted.</summary>
    private static string PostWithinTheWindow(TestWorker worker, string target, byte[] body, long length)
    {
        TestChannel channel = worker.Channel;
        uint stream = channel.Send(new TestRequest(target, "POST") { ContentLength = length });
        int sent = 0;
        while (sent < body.Length && !channel.IsComplete(stream))
        {
            long window = ChannelFormat.InitialRequestWindow + channel.Granted.GetValueOrDefault(stream) - sent;
            if (window == 0)
            {
                channel.ReadMore();
                continue;
            }

            int count = (int)Math.Min(Math.Min(window, ChannelFormat.MaxBodyChunk), body.Length - sent);
            channel.SendBody(stream, body[sent..(sent + count)], isLast: sent + count == body.Length);
            sent += count;
        }

        return channel.ReadResponse(stream).Text;
    }
}
