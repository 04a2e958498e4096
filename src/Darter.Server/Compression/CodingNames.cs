using Darter.Server.Configuration;

namespace Darter.Server.Compression;

/// <summary>The names of content codings (RFC 9110, section 16.6.1).</summary>
internal static class CodingNames
{
    /// <summary>The name of one coding.</summary>
    internal static string Of(ContentCodings coding) => coding switch
    {
        ContentCodings.Brotli => "br",
        ContentCodings.Zstandard => "zstd",
        _ => "gzip",
    };
}
