using Darter.CPython.Native;

namespace Darter.CPython;

/// <summary>
/// A scope in which the calling thread does not hold the GIL: for system calls that may block. No Python object may be
/// touched inside.
/// </summary>
public readonly unsafe ref struct GilReleased
{
    private readonly nint _state;

    private GilReleased(nint state) => _state = state;

    /// <summary>Releases the GIL until the scope is disposed of.</summary>
    public static GilReleased Enter() => new(PyApi.PyEval_SaveThread());

    /// <summary>Waits for the GIL and takes it again.</summary>
    public void Dispose() => PyApi.PyEval_RestoreThread(_state);
}
