using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

internal sealed partial class WsgiServer
{
    /// <summary>Sends a piece given to write(). False: a Python error is set.</summary>
    public bool Write(BorrowedReference data)
    {
        ReadOnlySpan<byte> piece = PythonText.BytesOf(data);
        if (piece.IsEmpty)
        {
            return true;
        }

        if (Response.IsComplete && !Response.IsBodyless)
        {
            Response.LogTooLong();
        }
        else if (!Response.IsComplete)
        {
            if (Request.IsCancelled)
            {
                Response.Abort(AbortReason.Cancelled, "");
            }
            else if (Response.Write(piece, isLast: false) == SendOutcome.Error)
            {
                return false;
            }

            _channel.Flush();
        }

        return !Request.IsCancelled || RaiseDisconnected();
    }

    /// <summary>Sends 103 Early Hints (RFC 8297). False: a Python error is set.</summary>
    public bool SendEarlyHints(BorrowedReference headers) => Response.TryInform(103, headers, _hints);

    /// <summary>Sends a piece that an iterator gave: the client is to see it before the iterator goes on.</summary>
    public void FlushPiece() => _channel.Flush();

    /// <summary>Raises that the client is gone. Always false.</summary>
    public bool RaiseDisconnected()
    {
        PythonError.Set(_settings.ClientDisconnected.Pointer, "the client has disconnected");
        return false;
    }

    private void Run(uint stream, ReadOnlySpan<byte> payload, in RequestHead head, RequestBody? body, bool isCancelled)
    {
        if (!_channel.Claims.TryClaim(head.Slot, stream))
        {
            RecycleBody(body);
            return;
        }

        Request.Begin(stream, head, body);
        Response.Reset();
        if (isCancelled)
        {
            Response.Abort(AbortReason.Cancelled, "");
        }
        else
        {
            Request.Serial = Callables.Serial;
            _channel.Lend();
            RunApplication(payload, head);
            if (!Callables.AreUnshared)
            {
                RenewCallables();
            }
        }

        Request.End();
        RecycleBody(body);
    }

    private void RunApplication(ReadOnlySpan<byte> payload, in RequestHead head)
    {
        NewReference input = Request.Body is null ? default : Ticket.Create(_inputType.Type, _self, Callables.Serial);
        NewReference environ = Request.Body is not null && input.IsNull ? default : _environs.Create(payload, head, Callables, input);
        input.Dispose();
        if (environ.IsNull)
        {
            Fail(environ);
            return;
        }

        NewReference result = PythonCall.Invoke(_application.Borrow(), environ, Callables.StartResponse);
        if (result.IsNull)
        {
            Fail(environ);
        }
        else
        {
            if (_responseBody.Send(result) == SendOutcome.Error)
            {
                Fail(environ);
            }

            if (!_responseBody.Close(result))
            {
                Fail(environ);
            }

            result.Dispose();
        }

        environ.Dispose();
    }

    /// <summary>Takes the current Python error: answers, as far as that is still possible, and reports it.</summary>
    private void Fail(BorrowedReference environ)
    {
        FetchedError error = PythonError.Fetch();
        if (error.Is(PyApi.PyExc_SystemExit) || error.Is(PyApi.PyExc_KeyboardInterrupt))
        {
            _exitRequested = true;
        }

        bool clientLeft = Request.IsCancelled && error.Is(_settings.ClientDisconnected.Pointer);
        if (!Response.IsComplete)
        {
            if (clientLeft)
            {
                Response.Abort(AbortReason.Cancelled, "");
            }
            else if (Response.IsHeadSent)
            {
                Response.Abort(AbortReason.ApplicationError, ApplicationObject.TypeName(error.Value));
            }
            else
            {
                Response.Fail();
            }
        }

        if (!clientLeft)
        {
            Report(environ, error);
        }

        error.Dispose();
        if (_exitRequested)
        {
            _channel.Stop();
        }
    }

    private unsafe void Report(BorrowedReference environ, in FetchedError error)
    {
        nint environOrNone = environ.IsNull ? PyApi.None : environ.Pointer;
        nint* arguments = stackalloc nint[] { 0, environOrNone, error.Type.Pointer, error.Value.Pointer, error.Traceback.Pointer };
        using NewReference nothing = PythonCall.Invoke(_settings.Report, arguments + 1, 4);
        if (nothing.IsNull)
        {
            PythonError.WriteUnraisable(_settings.Report);
        }
    }

    private void RenewCallables()
    {
        RequestCallables before = Callables;
        Callables = RequestCallables.Create(_callableTypes, _self, ++_serial) ?? throw new InvalidOperationException("out of memory");
        before.Release();
    }

    private void RecycleBody(RequestBody? body)
    {
        if (body is not null)
        {
            _spareBodies.Push(body);
        }
    }
}
