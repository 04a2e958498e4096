using Darter.Wire;
using Darter.Workers;
using Microsoft.Win32.SafeHandles;

namespace Darter.Server.Applications;

/// <summary>
/// A request that the front itself makes, with events of a WebSocket. It waits in the queue like those of clients, and can be
/// used again once it is answered.
/// </summary>
internal sealed class EventRequest(WorkerPool pool, IEventSender sender) : WorkerStream
{
    private const int GrantStep = 64 * 1024;

    private OutgoingBuffer? _body;
    private EventAnswer? _answer;
    private int _bodySent;
    private int _taken;
    private bool _bodyEndSent;
    private bool _isOver = true;

    /// <summary>Whether the application has not answered it yet.</summary>
    internal bool IsRunning => !_isOver;

    /// <inheritdoc/>
    protected override bool CanSendAgain => true;

    /// <inheritdoc/>
    protected override bool IsSendingBody => Length > 0 && !_bodyEndSent;

    private int Length => _body?.Length ?? 0;

    /// <summary>Sends events; null: a request without any.</summary>
    internal void Send(OutgoingBuffer? events)
    {
        _body = events;
        SendAgain();
    }

    /// <summary>Sends once more what no application has seen.</summary>
    internal void SendAgain()
    {
        _isOver = false;
        pool.Add(this);
    }

    /// <summary>Gives back the memory of what was sent.</summary>
    internal void Release()
    {
        _body?.Dispose();
        _body = null;
        _answer?.Dispose();
        _answer = null;
    }

    /// <inheritdoc/>
    protected override string Describe() => sender.Description;

    /// <inheritdoc/>
    protected override void WriteRequest(FrameWriter writer, uint stream, ushort slot)
    {
        // It may be for the second time, to another worker.
        _bodySent = 0;
        _bodyEndSent = false;
        sender.WriteHead(writer, stream, slot, Length);
    }

    /// <inheritdoc/>
    protected override void SendAvailableBody()
    {
        int count = Math.Min(Length - _bodySent, RequestWindow);
        if (count > 0)
        {
            _bodySent += count;
            _bodyEndSent = _bodySent == Length;
            SendBody(_body!.Span.Slice(_bodySent - count, count), _bodyEndSent);
        }
    }

    /// <inheritdoc/>
    protected override void OnResponse(scoped in ResponseHead head, bool end)
    {
        if (!EventAnswer.HasEvents(head))
        {
            int status = head.Status;
            pool.Cancel(this);
            End();
            sender.OnRejected(status);
            return;
        }

        _answer = new EventAnswer(head);
        _taken = head.Body.Length;
        _answer.Append(head.Body);
        if (end)
        {
            OnEnd();
        }
    }

    /// <inheritdoc/>
    protected override void OnInformational(scoped in ResponseHead head)
    {
        // There is no client to inform.
    }

    /// <inheritdoc/>
    protected override void OnBody(ReadOnlySpan<byte> bytes)
    {
        if (_answer is not { } answer)
        {
            return;
        }

        answer.Append(bytes);
        if (answer.Error is not null)
        {
            GiveUp();
            return;
        }

        _taken += bytes.Length;
        if (_taken >= GrantStep)
        {
            GrantResponse(_taken);
            _taken = 0;
        }
    }

    /// <inheritdoc/>
    protected override void OnFile(SafeFileHandle file, long offset, long length)
    {
        file.Dispose();
        if (_answer is { } answer)
        {
            answer.RefuseFile();
            GiveUp();
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        EventAnswer answer = _answer!;
        _answer = null;
        End();
        sender.OnAnswered(answer);
    }

    /// <inheritdoc/>
    protected override void OnFailed(StreamFailure failure, string message)
    {
        _isOver = true;
        _answer?.Dispose();
        _answer = null;
        sender.OnFailed(failure, message);
    }

    /// <inheritdoc/>
    protected override void OnBroken(Exception exception)
    {
        pool.Cancel(this);
        End();
        sender.OnFailed(StreamFailure.ApplicationError, exception.Message);
    }

    private void GiveUp()
    {
        pool.Cancel(this);
        OnEnd();
    }

    private void End()
    {
        _isOver = true;
        Release();
    }
}
