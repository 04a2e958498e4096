using System.Collections.Frozen;

namespace Darter.Server.Compression;

/// <summary>The media types that are worth compressing.</summary>
internal sealed class CompressibleTypes
{
    // Not covered by text/*: an event is to arrive when it is sent, and what comes between client and server may hold it back
    // to decompress it.
    private const string EventStream = "text/event-stream";

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _names;
    private readonly string[] _prefixes;
    private readonly string[] _suffixes;

    /// <param name="patterns">Names of types, or such with a <c>*</c> at one of their ends.</param>
    internal CompressibleTypes(IEnumerable<string> patterns)
    {
        string[] all = [.. patterns];
        _names = all.Where(pattern => !pattern.Contains('*', StringComparison.Ordinal))
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixes = [.. all.Where(pattern => pattern.EndsWith('*')).Select(pattern => pattern[..^1])];
        _suffixes = [.. all.Where(pattern => pattern.Length > 1 && pattern.StartsWith('*')).Select(pattern => pattern[1..])];
    }

    /// <summary>Whether the value of a Content-Type is one of them.</summary>
    internal bool Matches(ReadOnlySpan<char> contentType)
    {
        int semicolon = contentType.IndexOf(';');
        ReadOnlySpan<char> type = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim(" \t");
        if (_names.Contains(type))
        {
            return true;
        }

        if (type.IsEmpty || type.Equals(EventStream, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (string prefix in _prefixes)
        {
            if (type.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        foreach (string suffix in _suffixes)
        {
            if (type.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
