using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>A request target as the str objects of the environ: raw, decoded path, query.</summary>
internal static class RequestTarget
{
    /// <summary>Place of the target as it came in the tuple of <see cref="ToTuple"/>.</summary>
    public const int Raw = 0;

    /// <summary>Place of the path, percent-decoded.</summary>
    public const int Path = 1;

    /// <summary>Place of the query, without its question mark.</summary>
    public const int Query = 2;

    /// <summary>A tuple of the three. NULL: a Python error is set.</summary>
    public static unsafe NewReference ToTuple(ReadOnlySpan<byte> target)
    {
        int mark = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = mark < 0 ? target : target[..mark];
        ReadOnlySpan<byte> query = mark < 0 ? default : target[(mark + 1)..];

        NewReference tuple = PyApi.PyTuple_New(3);
        NewReference raw = PythonText.FromLatin1(target);
        NewReference decoded = mark < 0 && !path.Contains((byte)'%') && !raw.IsNull ? raw.Borrow().ToNew() : PercentEncoding.ToLatin1(path);
        NewReference queryText = PythonText.FromLatin1(query);
        if (tuple.IsNull || raw.IsNull || decoded.IsNull || queryText.IsNull)
        {
            queryText.Dispose();
            decoded.Dispose();
            raw.Dispose();
            tuple.Dispose();
            return default;
        }

        _ = PyApi.PyTuple_SetItem(tuple, Raw, raw.Steal());
        _ = PyApi.PyTuple_SetItem(tuple, Path, decoded.Steal());
        _ = PyApi.PyTuple_SetItem(tuple, Query, queryText.Steal());
        return tuple;
    }
}
