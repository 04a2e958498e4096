using Darter.CPython;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>Names of response header fields: checked, in lower case, and known again by the identity of the str object.</summary>
internal sealed class ResponseFieldName
{
    private const int Places = 64;

    private readonly Entry[] _entries = new Entry[Places];

    /// <summary>
    /// Looks a name up. False: it is no str; a Python error is set. The bytes are valid until the next call.
    /// </summary>
    public bool TryGet(BorrowedReference name, out ReadOnlySpan<byte> lower, out ResponseFieldKind kind)
    {
        ref Entry entry = ref _entries[(int)(name.Pointer >> 4) & (Places - 1)];
        if (!entry.Name.Borrow().Is(name) && !Fill(ref entry, name))
        {
            lower = default;
            kind = ResponseFieldKind.Invalid;
            return false;
        }

        lower = entry.Lower.AsSpan(0, entry.Length);
        kind = entry.Kind;
        return true;
    }

    private static bool Fill(ref Entry entry, BorrowedReference name)
    {
        if (!ApplicationText.IsStr(name, "a header name") || !PythonText.TryGetUtf8(name, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        // The place keeps the str alive, so that its address stays its own. A subclass could run code when it ends.
        entry.Name.Set(PythonText.IsStr(name) ? name.ToNew() : default);
        if (entry.Lower is null || entry.Lower.Length < text.Length)
        {
            entry.Lower = new byte[Math.Max(32, text.Length)];
        }

        entry.Length = text.Length;
        entry.Kind = ResponseFieldKind.Invalid;
        if (ResponseFields.IsToken(text))
        {
            _ = System.Text.Ascii.ToLower(text, entry.Lower, out _);
            entry.Kind = ResponseFields.Classify(entry.Lower.AsSpan(0, text.Length));
        }

        return true;
    }

    private struct Entry
    {
        public HeldReference Name;
        public byte[] Lower;
        public int Length;
        public ResponseFieldKind Kind;
    }
}
