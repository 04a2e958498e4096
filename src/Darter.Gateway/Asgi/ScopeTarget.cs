using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>A request target as the objects of a scope: path, raw path, query.</summary>
internal static unsafe class ScopeTarget
{
    /// <summary>Place of the decoded path, a str, in the tuple of <see cref="ToTuple"/>.</summary>
    public const int Path = 0;

    /// <summary>Place of the path as it came, bytes.</summary>
    public const int RawPath = 1;

    /// <summary>Place of the query without its question mark, bytes.</summary>
    public const int Query = 2;

    /// <summary>A tuple of the three. NULL: a Python error is set.</summary>
    /// <param name="rootPath">Where the application is mounted: both paths begin with it.</param>
    /// <param name="target">The request target.</param>
    public static NewReference ToTuple(ReadOnlySpan<byte> rootPath, ReadOnlySpan<byte> target)
    {
        int mark = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = mark < 0 ? target : target[..mark];
        NewReference tuple = PyApi.PyTuple_New(3);
        NewReference decoded = PercentEncoding.ToUtf8(rootPath, path);
        NewReference raw = rootPath.IsEmpty ? PythonText.Bytes(path) : PythonText.Bytes([.. rootPath, .. path]);
        NewReference query = PythonText.Bytes(mark < 0 ? default : target[(mark + 1)..]);
        if (tuple.IsNull || decoded.IsNull || raw.IsNull || query.IsNull)
        {
            query.Dispose();
            raw.Dispose();
            decoded.Dispose();
            tuple.Dispose();
            return default;
        }

        _ = PyApi.PyTuple_SetItem(tuple, Path, decoded.Steal());
        _ = PyApi.PyTuple_SetItem(tuple, RawPath, raw.Steal());
        _ = PyApi.PyTuple_SetItem(tuple, Query, query.Steal());
        return tuple;
    }
}
