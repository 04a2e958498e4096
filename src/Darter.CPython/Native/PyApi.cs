using System.Runtime.InteropServices;

namespace Darter.CPython.Native;

/// <summary>
/// The functions of CPython that Darter calls, under their C names, as a table filled once by <see cref="Load"/>.
/// Signatures state ownership: a <see cref="NewReference"/> is the caller's, a <see cref="BorrowedReference"/> is not.
/// </summary>
/// <remarks>
/// Only exported functions, resolved from the process itself: that works with a static and with a shared libpython. A
/// function marked SuppressGCTransition is cheaper to call and must neither run Python code, nor allocate objects that
/// Python's collector tracks, nor block, nor fail with an exception: what is passed to it is checked before.
/// </remarks>
public static unsafe partial class PyApi
{
    private static nint _process;

    /// <summary>Fills the table from the library with this handle: of the main program, ordinarily. Once per process, with the GIL held.</summary>
    /// <exception cref="EntryPointNotFoundException">The process is no CPython, or of a version that lacks something.</exception>
    public static void Load(nint process)
    {
        if (_process != 0)
        {
            return;
        }

        _process = process;
        LoadObjects();
        LoadCollections();
        LoadText();
        LoadErrors();
        ObjectLayout.Probe();
    }

    private static nint Export(string name) => NativeLibrary.GetExport(_process, name);

    /// <summary>The first of several functions with one signature that exists, or 0.</summary>
    private static nint FirstExport(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryGetExport(_process, name, out nint address))
            {
                return address;
            }
        }

        return 0;
    }

    /// <summary>An exported variable that holds a pointer to an object, such as <c>PyExc_TypeError</c>.</summary>
    private static nint ExportedPointer(string name) => *(nint*)Export(name);
}
