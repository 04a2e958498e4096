namespace Darter.Server.Caching;

/// <summary>
/// What names a resource: <c>scheme://host/path?query</c>, as it is sent; host and scheme in small letters. What is
/// percent-encoded stays so: the application gets it so, too. Behind it, after a space, which no target has, the variant, if there is one.
/// </summary>
internal static class CacheKey
{
    /// <summary>Longest key, in characters; a request with a longer one is none of the cache's.</summary>
    internal const int MaxLength = 2048;

    private const char VariantMark = ' ';

    /// <summary>The address of a key.</summary>
    internal static ReadOnlySpan<char> AddressOf(string key)
    {
        int variant = key.IndexOf(VariantMark, StringComparison.Ordinal);
        return variant < 0 ? key : key.AsSpan(0, variant);
    }

    /// <summary>As many characters as a key needs at most, or as there may be.</summary>
    internal static int LengthOf(string host, in CacheExchange exchange) =>
        Math.Min(MaxLength, "https://".Length + host.Length + exchange.Target.Length + 1 + exchange.Variant.Length);

    /// <summary>Writes a key; its length, or 0 if there is none.</summary>
    internal static int Write(Span<char> destination, ReadOnlySpan<char> host, in CacheExchange exchange)
    {
        int length = Write(destination, exchange.IsHttps, host, exchange.Target);
        if (length == 0 || exchange.Variant.Length == 0)
        {
            return length;
        }

        if (length + 1 + exchange.Variant.Length > destination.Length)
        {
            return 0;
        }

        destination[length] = VariantMark;
        exchange.Variant.CopyTo(destination[(length + 1)..]);
        return length + 1 + exchange.Variant.Length;
    }

    /// <summary>Writes a key without variant; its length, or 0 if there is none.</summary>
    internal static int Write(Span<char> destination, bool isHttps, ReadOnlySpan<char> host, ReadOnlySpan<char> target)
    {
        ReadOnlySpan<char> scheme = isHttps ? "https://" : "http://";
        int length = scheme.Length + host.Length + target.Length;
        if (length > destination.Length || host.IsEmpty || target.IsEmpty || target[0] != '/')
        {
            return 0;
        }

        scheme.CopyTo(destination);
        host.ToLowerInvariant(destination[scheme.Length..]);
        target.CopyTo(destination[(scheme.Length + host.Length)..]);
        return length;
    }

    /// <summary>The key of another target that an answer names (Location); null: it is of another origin, or no address.</summary>
    /// <param name="key">The key of the request.</param>
    /// <param name="reference">An absolute address, or one relative to the request's.</param>
    internal static string? Resolve(string key, string reference)
    {
        ReadOnlySpan<char> address = AddressOf(key);
        string variant = key[address.Length..];
        string origin = key[..key.IndexOf('/', key.IndexOf("://", StringComparison.Ordinal) + 3)];
        if (reference.StartsWith('/') && !reference.StartsWith("//", StringComparison.Ordinal))
        {
            return origin + reference.Split('#')[0] + variant;
        }

        string? other = Parse(reference);
        if (other is null && Uri.TryCreate(address.ToString(), UriKind.Absolute, out Uri? own) && Uri.TryCreate(own, reference, out Uri? relative))
        {
            other = Parse(relative.AbsoluteUri);
        }

        return other is not null && other.StartsWith(origin, StringComparison.Ordinal) && other[origin.Length] == '/' ? other + variant : null;
    }

    /// <summary>The key of an address that somebody has typed; null: it is none.</summary>
    internal static string? Parse(string address)
    {
        int colon = address.IndexOf("://", StringComparison.Ordinal);
        if (colon < 0 || (!address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !address.StartsWith("https://", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        int fragment = address.IndexOf('#', StringComparison.Ordinal);
        string rest = fragment < 0 ? address : address[..fragment];
        int path = rest.AsSpan(colon + 3).IndexOfAny('/', '?');
        string authority = path < 0 ? rest : rest[..(colon + 3 + path)];
        string target = path < 0 ? "/" : rest[(colon + 3 + path)..];
        return authority.Length == colon + 3 ? null : $"{authority.ToLowerInvariant()}{(target[0] == '?' ? "/" : "")}{target}";
    }
}
