using Darter.Wire;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>
/// One request on its way through a pool. The HTTP server derives from it: it supplies the head, and the body as the
/// worker takes it, and is told the response. All members are for the pool's loop thread only.
/// </summary>
public abstract class WorkerStream
{
    internal Channel? Channel;
    internal uint Id;
    internal ushort Slot;
    internal StreamState State;
    internal WorkerStream? Previous;
    internal WorkerStream? Next;

    /// <summary>Body bytes the worker still accepts on this stream.</summary>
    protected int RequestWindow { get; private set; }

    /// <summary>Whether neither the pool nor a channel holds the stream, so that it can carry another request.</summary>
    public bool IsIdle => State == StreamState.Idle;

    /// <summary>Whether a channel has the stream.</summary>
    protected bool IsSent => State == StreamState.Sent;

    /// <summary>
    /// Whether the request, body included, could be sent once more: nothing of it is consumed by sending. Such a request
    /// may be sent ahead of its turn and taken back; any other waits for a channel that starts it at once.
    /// </summary>
    protected internal abstract bool CanSendAgain { get; }

    /// <summary>Writes the REQUEST frame.</summary>
    protected internal abstract void WriteRequest(FrameWriter writer, uint stream, ushort slot);

    /// <summary>Sends, with <see cref="SendBody"/>, as much of the body as is at hand and <see cref="RequestWindow"/> allows.</summary>
    protected internal abstract void SendAvailableBody();

    /// <summary>The head of the response came, with the beginning of its body; all of it when <paramref name="end"/>.</summary>
    protected internal abstract void OnResponse(scoped in ResponseHead head, bool end);

    /// <summary>An informational response (1xx) came.</summary>
    protected internal abstract void OnInformational(scoped in ResponseHead head);

    /// <summary>A piece of the body came.</summary>
    protected internal abstract void OnBody(ReadOnlySpan<byte> bytes);

    /// <summary>The next part of the body is a region of a file. The handle is the callee's to dispose.</summary>
    protected internal abstract void OnFile(SafeFileHandle file, long offset, long length);

    /// <summary>The response is complete.</summary>
    protected internal abstract void OnEnd();

    /// <summary>There will be no (further) response. <paramref name="message"/> is for the log.</summary>
    protected internal abstract void OnFailed(StreamFailure failure, string message);

    /// <summary>One of the other methods threw; the request cannot go on. Must not throw.</summary>
    protected internal abstract void OnBroken(Exception exception);

    /// <summary>Whether the request body is not sent completely; the channel takes no other request meanwhile.</summary>
    protected internal abstract bool IsSendingBody { get; }

    /// <summary>Sends a piece of the request body, at most <see cref="RequestWindow"/> bytes.</summary>
    protected void SendBody(ReadOnlySpan<byte> bytes, bool end)
    {
        RequestWindow -= bytes.Length;
        Channel!.SendBody(this, bytes, end);
    }

    /// <summary>Lets the worker send <paramref name="bytes"/> more of the response body.</summary>
    protected void GrantResponse(int bytes) => Channel?.GrantResponse(this, bytes);

    internal void ResetWindow() => RequestWindow = ChannelFormat.InitialRequestWindow;

    internal void OpenWindow(int bytes)
    {
        RequestWindow += bytes;
        SendAvailableBody();
    }
}
