using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Wsgi;

/// <summary>Status strings ("200 OK"): checked, taken apart, and known again by the identity of the str object.</summary>
internal sealed class ResponseStatus
{
    private const int Places = 32;

    private readonly Entry[] _entries = new Entry[Places];
    private byte[] _scratch = [];

    /// <summary>Reads a status. The reason is empty where it is the usual one. False: it is not valid; a Python error is set.</summary>
    public bool TryGet(BorrowedReference status, out int code, out ReadOnlySpan<byte> reason)
    {
        ref Entry entry = ref _entries[(int)(status.Pointer >> 4) & (Places - 1)];
        if (!entry.Status.Borrow().Is(status) && !Fill(ref entry, status))
        {
            code = 0;
            reason = default;
            return false;
        }

        code = entry.Code;
        reason = entry.Reason;
        return true;
    }

    private bool Fill(ref Entry entry, BorrowedReference status)
    {
        if (!ApplicationText.TryGet(status, "the status", ref _scratch, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        if (text.Length < 3 || text[..3].ContainsAnyExceptInRange((byte)'0', (byte)'9') || (text.Length > 3 && text[3] != ' '))
        {
            PythonError.Set(PyApi.PyExc_ValueError, "the status must be three digits, a space and a reason");
            return false;
        }

        int code = ((text[0] - '0') * 100) + ((text[1] - '0') * 10) + text[2] - '0';
        if (code < 200)
        {
            PythonError.Set(PyApi.PyExc_ValueError, "the status of a response must be 200 or more");
            return false;
        }

        ReadOnlySpan<byte> reason = text.Length > 4 ? text[4..Math.Min(text.Length, 4 + byte.MaxValue)] : default;
        entry.Code = code;
        entry.Reason = reason.SequenceEqual(UsualReason(code)) ? [] : reason.ToArray();

        // The place keeps the str alive, so that its address stays its own. A subclass could run code when it ends.
        entry.Status.Set(PythonText.IsStr(status) ? status.ToNew() : default);
        return true;
    }

    /// <summary>The reasons that nearly all responses have (RFC 9110, 15); others travel with the response.</summary>
    private static ReadOnlySpan<byte> UsualReason(int code) => code switch
    {
        200 => "OK"u8,
        201 => "Created"u8,
        204 => "No Content"u8,
        301 => "Moved Permanently"u8,
        302 => "Found"u8,
        303 => "See Other"u8,
        304 => "Not Modified"u8,
        400 => "Bad Request"u8,
        401 => "Unauthorized"u8,
        403 => "Forbidden"u8,
        404 => "Not Found"u8,
        405 => "Method Not Allowed"u8,
        500 => "Internal Server Error"u8,
        503 => "Service Unavailable"u8,
        _ => default,
    };

    private struct Entry
    {
        public HeldReference Status;
        public int Code;
        public byte[] Reason;
    }
}
