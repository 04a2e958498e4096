using System.Text;
using Darter.Wire;
using Darter.Workers.Tests;

namespace Darter.Server.Tests.Applications;

/// <summary>What a worker does with requests that have events of a WebSocket.</summary>
internal static class EventExchange
{
    public const string MediaType = "application/websocket-events";

    /// <summary>Starts the next request, which must have events, and reads it to its end.</summary>
    public static EventsReceived ReadEvents(this FakeWorker worker)
    {
        (FrameHeader header, byte[] payload) = worker.ReadBehindGrants();
        Assert.Equal(FrameType.Request, header.Type);
        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        Assert.True(worker.TryClaim(head.Slot, header.Stream));
        Assert.Equal("POST", Encoding.ASCII.GetString(head.Method));
        Dictionary<string, string> fields = [];
        foreach (HeaderBlock.Field field in head.Headers)
        {
            Assert.True(fields.TryAdd(Encoding.ASCII.GetString(field.Name), Encoding.UTF8.GetString(field.Value)), "a field came twice");
        }

        Assert.Equal(MediaType, fields["content-type"]);
        string target = Encoding.ASCII.GetString(head.Target);
        long length = head.ContentLength;
        Assert.Equal($"{length}", fields["content-length"]);
        List<byte> body = [];
        bool end = (header.Flags & FrameFlags.End) != 0;
        while (!end)
        {
            (FrameHeader part, byte[] bytes) = worker.ReadBehindGrants();
            Assert.Equal((FrameType.Body, header.Stream), (part.Type, part.Stream));
            body.AddRange(bytes);
            worker.Grant(header.Stream, bytes.Length + 1);
            end = (part.Flags & FrameFlags.End) != 0;
        }

        Assert.Equal(length, body.Count);
        return new EventsReceived(header.Stream, target, fields, Encoding.Latin1.GetString([.. body]));
    }

    /// <summary>Reads requests, and answers all but the last one, until their events together are these.</summary>
    public static EventsReceived ReadEventsUntil(this FakeWorker worker, string events)
    {
        string received = "";
        while (true)
        {
            EventsReceived request = worker.ReadEvents();
            received += request.Body;
            Assert.StartsWith(received, events, StringComparison.Ordinal);
            if (received == events)
            {
                return request;
            }

            worker.AnswerEvents(request.Stream, "");
        }
    }

    /// <summary>Answers with events, each character of which is a byte.</summary>
    public static void AnswerEvents(this FakeWorker worker, uint stream, string body, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        worker.Respond(stream, 200, [("content-type", MediaType), .. fields]);
        worker.Write(FrameType.Body, FrameFlags.None, stream, Encoding.Latin1.GetBytes(body));
        worker.End(stream);
    }

    /// <summary>An event.</summary>
    public static string Event(string type, string content) => $"{type} {content.Length:x}\r\n{content}\r\n";
}
