using Darter.CPython.Native;

namespace Darter.CPython;

/// <summary>A Python error that was taken: type, value and traceback. Dispose of it, or set it again.</summary>
public readonly unsafe ref struct FetchedError
{
    private readonly nint _type;
    private readonly nint _value;
    private readonly nint _traceback;

    internal FetchedError(nint type, nint value, nint traceback)
    {
        _type = type;
        _value = value;
        _traceback = traceback;
    }

    /// <summary>The class, NULL if there was no error.</summary>
    public BorrowedReference Type => new(_type);

    /// <summary>The exception, or None.</summary>
    public BorrowedReference Value => new(_value == 0 ? PyApi.None : _value);

    /// <summary>The traceback, or None.</summary>
    public BorrowedReference Traceback => new(_traceback == 0 ? PyApi.None : _traceback);

    /// <summary>Whether it is of the given type.</summary>
    public bool Is(nint type) => _type != 0 && PyApi.PyErr_GivenExceptionMatches(Type, new BorrowedReference(type)) != 0;

    /// <summary>Sets it again. It must not be used or disposed of afterwards.</summary>
    public void Restore() =>
        PyApi.PyErr_Restore(new StolenReference(_type), new StolenReference(_value), new StolenReference(_traceback));

    /// <summary>Drops it. It may run Python code.</summary>
    public void Dispose()
    {
        new NewReference(_traceback).Dispose();
        new NewReference(_value).Dispose();
        new NewReference(_type).Dispose();
    }
}
