using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>Variables of a web server (uwsgi, FastCGI, SCGI) that go into the environ under their own names.</summary>
internal sealed unsafe class EnvironVariables
{
    private readonly ObjectCache _keys = new(256, 64);

    /// <summary>Puts them in, the last one of a name. False: a Python error is set.</summary>
    public bool Set(BorrowedReference environ, HeaderBlock variables)
    {
        foreach (HeaderBlock.Field variable in variables)
        {
            BorrowedReference key = Key(variable.Name);
            using NewReference value = PythonText.FromLatin1(variable.Value);
            if (key.IsNull || value.IsNull || PyApi.PyDict_SetItem(environ, key, value) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private BorrowedReference Key(ReadOnlySpan<byte> name)
    {
        if (_keys.TryFind(name, out ulong hash, out BorrowedReference found))
        {
            return found;
        }

        byte[] terminated = [.. name, 0];
        return _keys.Add(name, hash, PythonText.Interned(terminated));
    }
}
