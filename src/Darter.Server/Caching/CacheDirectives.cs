using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>The field Cache-Control of a request or of an answer (RFC 9111, section 5.2; RFC 5861). Times are in seconds.</summary>
internal struct CacheDirectives
{
    /// <summary>Not said.</summary>
    internal const long None = -1;

    // Section 1.2.2: more than this is as good as this.
    private const long Longest = int.MaxValue;

    public CacheDirectives()
    {
    }

    internal bool NoStore { get; private set; }

    /// <summary>With or without names of fields: section 5.2.2.4 lets a cache treat the first as the second.</summary>
    internal bool NoCache { get; private set; }

    /// <inheritdoc cref="NoCache"/>
    internal bool Private { get; private set; }

    internal bool Public { get; private set; }

    internal bool MustRevalidate { get; private set; }

    internal bool ProxyRevalidate { get; private set; }

    internal bool MustUnderstand { get; private set; }

    internal bool OnlyIfCached { get; private set; }

    internal long MaxAge { get; private set; } = None;

    internal long SharedMaxAge { get; private set; } = None;

    internal long MaxStale { get; private set; } = None;

    internal long MinFresh { get; private set; } = None;

    internal long StaleWhileRevalidate { get; private set; } = None;

    internal long StaleIfError { get; private set; } = None;

    /// <summary>Reads the field's lines.</summary>
    internal static CacheDirectives Parse(StringValues lines)
    {
        CacheDirectives directives = new();
        foreach (string? line in lines)
        {
            ReadOnlySpan<char> rest = line;
            while (!rest.IsEmpty)
            {
                ReadOnlySpan<char> directive = Take(ref rest).Trim(" \t");
                int equals = directive.IndexOf('=');
                directives.Apply(
                    equals < 0 ? directive : directive[..equals].TrimEnd(" \t"),
                    equals < 0 ? default : directive[(equals + 1)..].TrimStart(" \t"),
                    hasValue: equals >= 0);
            }
        }

        return directives;
    }

    /// <summary>Takes what is before the next comma outside of a quoted string.</summary>
    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> rest)
    {
        bool isQuoted = false;
        for (int i = 0; i < rest.Length; i++)
        {
            char character = rest[i];
            if (character == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (character == '\\' && isQuoted)
            {
                i++;
            }
            else if (character == ',' && !isQuoted)
            {
                ReadOnlySpan<char> first = rest[..i];
                rest = rest[(i + 1)..];
                return first;
            }
        }

        ReadOnlySpan<char> all = rest;
        rest = default;
        return all;
    }

    private void Apply(ReadOnlySpan<char> name, ReadOnlySpan<char> value, bool hasValue)
    {
        Span<char> lower = stackalloc char[32];
        if (name.Length > lower.Length)
        {
            return;
        }

        name.ToLowerInvariant(lower);
        switch (lower[..name.Length])
        {
            case "no-store":
                NoStore = true;
                break;
            case "no-cache":
                NoCache = true;
                break;
            case "private":
                Private = true;
                break;
            case "public":
                Public = true;
                break;
            case "must-revalidate":
                MustRevalidate = true;
                break;
            case "proxy-revalidate":
                ProxyRevalidate = true;
                break;
            case "must-understand":
                MustUnderstand = true;
                break;
            case "only-if-cached":
                OnlyIfCached = true;
                break;
            case "max-age":
                MaxAge = Least(MaxAge, value);
                break;
            case "s-maxage":
                SharedMaxAge = Least(SharedMaxAge, value);
                break;
            case "min-fresh":
                MinFresh = Math.Max(MinFresh, Seconds(value));
                break;
            case "max-stale":
                // Without a value: however stale it is.
                MaxStale = hasValue ? Least(MaxStale, value) : MaxStale == None ? Longest : MaxStale;
                break;
            case "stale-while-revalidate":
                StaleWhileRevalidate = Least(StaleWhileRevalidate, value);
                break;
            case "stale-if-error":
                StaleIfError = Least(StaleIfError, value);
                break;
        }
    }

    /// <summary>Of contradictory values the strictest counts (section 4.2.1).</summary>
    private static long Least(long before, ReadOnlySpan<char> value) => before == None ? Seconds(value) : Math.Min(before, Seconds(value));

    /// <summary>What is no number makes an answer stale (section 4.2.1): 0.</summary>
    private static long Seconds(ReadOnlySpan<char> value)
    {
        if (value.Length >= 2 && value[0] == '"' && value[^1] == '"')
        {
            value = value[1..^1];
        }

        if (value.IsEmpty || value.ContainsAnyExceptInRange('0', '9'))
        {
            return 0;
        }

        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) ? Math.Min(seconds, Longest) : Longest;
    }
}
