namespace Darter.Server.Caching;

/// <summary>Which answers are removed.</summary>
/// <param name="Kind">By what.</param>
/// <param name="Value">The key, address, path, beginning or tag.</param>
internal readonly record struct CachePurge(PurgeKind Kind, string Value)
{
    /// <summary>All of them.</summary>
    internal static CachePurge All { get; } = new(PurgeKind.All, "");

    /// <summary>Whether an answer is among them.</summary>
    internal bool Includes(string key, string[] tags) => Kind switch
    {
        PurgeKind.Key => key == Value,
        PurgeKind.Address => CacheKey.AddressOf(key).SequenceEqual(Value),
        PurgeKind.Path => PathOf(CacheKey.AddressOf(key)).SequenceEqual(Value),
        PurgeKind.AddressPrefix => key.StartsWith(Value, StringComparison.Ordinal),
        PurgeKind.PathPrefix => PathOf(CacheKey.AddressOf(key)).StartsWith(Value, StringComparison.Ordinal),
        PurgeKind.Tag => tags.Contains(Value, StringComparer.Ordinal),
        _ => true,
    };

    /// <summary>Reads what <see cref="ToString"/> has written. Of what a newer version has written it includes everything.</summary>
    internal static CachePurge Parse(string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return end > 0 && !char.IsAsciiDigit(text[0]) && Enum.TryParse(text[..end], out PurgeKind kind) ? new CachePurge(kind, text[(end + 1)..]) : All;
    }

    /// <summary>As servers tell it each other.</summary>
    public override string ToString() => $"{Kind}\n{Value}";

    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> address)
    {
        ReadOnlySpan<char> authority = address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
        return authority[authority.IndexOf('/')..];
    }
}
