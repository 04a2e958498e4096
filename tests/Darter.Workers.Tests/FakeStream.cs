using System.Text;
using Darter.Wire;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Tests;

/// <summary>A request that records what it is told.</summary>
internal sealed class FakeStream(string target, byte[]? body = null, bool canSendAgain = true) : WorkerStream
{
    private int _sent;
    private bool _endSent;

    public List<string> Events { get; } = [];

    /// <summary>For each piece of the response, whether the next was here already.</summary>
    public List<bool> Followed { get; } = [];

    public string Target => target;

    public bool AsksForWebSocket { get; init; }

    public bool AnswersItself { get; init; }

    /// <summary>Whether it is a WebSocket.</summary>
    public bool IsWebSocket { get; init; }

    /// <summary>Whether it is an event stream.</summary>
    public bool IsEventStream { get; init; }

    public bool Repeatable { get; init; }

    protected internal override bool MayRunAgain => Repeatable;

    protected internal override void OnRunAgain() => Events.Add("again");

    protected internal override bool CanUpgrade => AsksForWebSocket;

    protected internal override bool IsUpgraded => IsWebSocket;

    protected internal override bool IsLasting => IsWebSocket || IsEventStream;

    protected internal override bool Prepare(ApplicationInterface application)
    {
        return !AnswersItself;
    }

    protected internal override bool CanSendAgain => canSendAgain;

    protected internal override bool IsSendingBody => body is not null && !_endSent;

    protected internal override void WriteRequest(FrameWriter writer, uint stream, ushort slot)
    {
        _sent = 0;
        _endSent = false;
        Span<byte> payload = writer.Begin(256);
        int length = RequestHead.WriteFirst(payload, slot, 1234, body?.Length ?? 0, "GET"u8, "127.0.0.1"u8, Encoding.ASCII.GetBytes(target));
        length += RequestHead.WriteStable(payload[length..], 11, https: false, webSocket: false, 80, "127.0.0.1"u8);
        payload[length++] = 0;
        payload[length++] = 0;
        writer.Complete(FrameType.Request, body is null ? FrameFlags.End : FrameFlags.None, stream, length);
    }

    protected internal override void SendAvailableBody()
    {
        int count = Math.Min(body!.Length - _sent, RequestWindow);
        _endSent = _sent + count == body.Length;
        SendBody(body.AsSpan(_sent, count), _endSent);
        _sent += count;
    }

    protected internal override void OnResponse(scoped in ResponseHead head, bool end)
    {
        Followed.Add(IsFollowed);
        Events.Add($"response {head.Status} {Encoding.ASCII.GetString(head.Body)}{(end ? " end" : "")}");
    }

    protected internal override void OnInformational(scoped in ResponseHead head) => Events.Add($"informational {head.Status}");

    protected internal override void OnBody(ReadOnlySpan<byte> bytes)
    {
        Followed.Add(IsFollowed);
        Events.Add($"body {Encoding.ASCII.GetString(bytes)}");
    }

    protected internal override void OnFile(SafeFileHandle file, long offset, long length)
    {
        Events.Add($"file {offset} {length}");
        file.Dispose();
    }

    public Exception? ThrowAtEnd { get; init; }

    protected internal override void OnEnd()
    {
        if (ThrowAtEnd is not null)
        {
            throw ThrowAtEnd;
        }

        Events.Add("end");
    }

    protected internal override void OnFailed(StreamFailure failure, string message) => Events.Add($"failed {failure} {message}".TrimEnd());

    protected internal override void OnTrailers(HeaderBlock trailers) => Events.Add($"trailers {trailers.Count}");

    protected internal override void OnWorkerLeaving() => Events.Add("leaving");

    protected internal override void OnBroken(Exception exception) => Events.Add($"broken {exception.Message}");

    public void Grant(int bytes) => GrantResponse(bytes);
}
