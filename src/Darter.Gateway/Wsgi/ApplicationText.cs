using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>Text that the application hands over for the response head: str of ISO 8859-1 characters without controls (PEP 3333).</summary>
internal static class ApplicationText
{
    /// <summary>Whether it is a str or of a subclass; otherwise a TypeError that calls it <paramref name="what"/> is set.</summary>
    public static bool IsStr(BorrowedReference value, string what)
    {
        if (PythonText.IsStr(value))
        {
            return true;
        }

        return ApplicationObject.IsInstance(value, PyApi.PyUnicode_Type, what, "a str");
    }

    /// <summary>The text in ISO 8859-1. Where it is not ASCII it is written to <paramref name="scratch"/>. False: a Python error is set.</summary>
    public static bool TryGet(BorrowedReference value, string what, ref byte[] scratch, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!IsStr(value, what) || !PythonText.TryGetUtf8(value, out text))
        {
            return false;
        }

        // Printable ASCII is the same in UTF-8 and ISO 8859-1.
        return !text.ContainsAnyExceptInRange((byte)' ', (byte)'~') || TryConvert(what, ref scratch, ref text);
    }

    private static bool TryConvert(string what, ref byte[] scratch, ref ReadOnlySpan<byte> text)
    {
        if (scratch.Length < text.Length)
        {
            scratch = new byte[text.Length];
        }

        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte unit = text[i];
            if (unit < 0x80)
            {
                // Horizontal tab is the one control that field values may have (RFC 9110, 5.5).
                if (unit is < 0x20 and not (byte)'\t' or 0x7F)
                {
                    PythonError.Set(PyApi.PyExc_ValueError, $"{what} contains a control character");
                    return false;
                }

                scratch[length++] = unit;
            }
            else if (unit is 0xC2 or 0xC3)
            {
                scratch[length++] = (byte)(((unit & 3) << 6) | (text[++i] & 0x3F));
            }
            else
            {
                PythonError.Set(PyApi.PyExc_ValueError, $"{what} contains a character beyond ISO 8859-1");
                return false;
            }
        }

        text = scratch.AsSpan(0, length);
        return true;
    }
}
