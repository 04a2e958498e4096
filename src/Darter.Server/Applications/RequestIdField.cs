using System.Buffers;
using Darter.Server.Observability;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Applications;

/// <summary>The id of a request, in a header field.</summary>
internal static class RequestIdField
{
    private const int LongestForeign = 128;

    // Visible ASCII: an id ends up in header fields and logs.
    private static readonly SearchValues<char> s_characters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(value => (char)value)]);

    /// <summary>Has a request carry its id: one that a client made up is replaced.</summary>
    /// <param name="headers">The request's fields.</param>
    /// <param name="field">The field of the id.</param>
    /// <param name="isTrusted">Whether the request comes from a trusted proxy, whose id is kept.</param>
    internal static string Put(IHeaderDictionary headers, string field, bool isTrusted)
    {
        string? id = isTrusted
            && headers[field] is { Count: 1 } values
            && values[0] is { Length: > 0 and <= LongestForeign } told
            && !told.AsSpan().ContainsAnyExcept(s_characters)
            ? told
            : RequestIdGenerator.Next();
        headers[field] = id;
        return id;
    }
}
