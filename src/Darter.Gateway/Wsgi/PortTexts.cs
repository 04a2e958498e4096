using Darter.CPython;

namespace Darter.Gateway.Wsgi;

/// <summary>Port numbers as str objects; those of the clients that are connected come again and again.</summary>
internal sealed class PortTexts
{
    private const int Places = 1024;

    private readonly ushort[] _ports = new ushort[Places];
    private readonly HeldReference[] _texts = new HeldReference[Places];

    /// <summary>The decimal digits of a port other than 0; valid until the next call. NULL: a Python error is set.</summary>
    public BorrowedReference Get(ushort port)
    {
        int place = port & (Places - 1);
        if (_ports[place] != port)
        {
            Span<byte> digits = stackalloc byte[5];
            _ = port.TryFormat(digits, out int length);
            NewReference text = PythonText.FromLatin1(digits[..length]);
            _texts[place].Set(text);
            _ports[place] = text.IsNull ? (ushort)0 : port;
        }

        return _texts[place].Borrow();
    }
}
