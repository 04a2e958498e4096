namespace Darter.Server.Configuration;

/// <summary>What is compressed while it is sent, and how.</summary>
public sealed record CompressionConfig
{
    /// <summary>
    /// The types of <see cref="Types"/> by default: texts, and what is as good as text. Pictures, films and archives are
    /// compressed already.
    /// </summary>
    public static IReadOnlyList<string> UsualTypes { get; } =
    [
        "text/*", "*+json", "*+xml", "application/json", "application/javascript", "application/xml", "application/x-ndjson",
        "application/yaml", "application/toml", "application/wasm", "font/ttf", "font/otf", "image/bmp", "model/gltf-binary",
    ];

    /// <summary>The codings, the preferred ones first; the client's weights come before. Default: br, zstd, gzip.</summary>
    public IReadOnlyList<ContentCodings> Codings { get; init; } = [ContentCodings.Brotli, ContentCodings.Zstandard, ContentCodings.Gzip];

    /// <summary>
    /// The media types: <c>text/html</c>, <c>text/*</c>, <c>*+json</c> or <c>*</c>. Event streams have to be named. Default:
    /// <see cref="UsualTypes"/>.
    /// </summary>
    public IReadOnlyList<string> Types { get; init; } = UsualTypes;

    /// <summary>The least length in bytes, where the length is known. Default 1024: less fits into one packet anyway.</summary>
    public long LeastSize { get; init; } = 1024;

    /// <summary>Whether a text may be one of the <see cref="Types"/>.</summary>
    public static bool IsType(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string example = text == "*" ? "a/b"
            : text.EndsWith("/*", StringComparison.Ordinal) ? $"{text[..^1]}b"
            : text.StartsWith("*+", StringComparison.Ordinal) ? $"a/b{text[1..]}"
            : text;
        return example.Split('/') is [{ Length: > 0 } type, { Length: > 0 } subtype] && IsName(type) && IsName(subtype);
    }

    /// <summary>Lists are compared by what is in them.</summary>
    public bool Equals(CompressionConfig? other) =>
        other is not null && Codings.SequenceEqual(other.Codings) && Types.SequenceEqual(other.Types) && LeastSize == other.LeastSize;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Codings.Count, Types.Count, LeastSize);

    // RFC 6838, section 4.2.
    private static bool IsName(string text) =>
        text.All(character => char.IsAsciiLetterOrDigit(character) || "!#$&-^_.+".Contains(character, StringComparison.Ordinal));
}
