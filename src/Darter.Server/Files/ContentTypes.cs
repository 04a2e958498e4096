using System.Text;
using Microsoft.AspNetCore.StaticFiles;

namespace Darter.Server.Files;

/// <summary>Media types by the extension of a name.</summary>
internal static class ContentTypes
{
    private const string Unknown = "application/octet-stream";

    // Texts are UTF-8, as everywhere today; without a charset a browser guesses by its language.
    private const string Utf8 = "; charset=utf-8";

    private static readonly Dictionary<string, ContentType> Types = Build();
    private static readonly Dictionary<string, ContentType>.AlternateLookup<ReadOnlySpan<char>> Lookup = Types.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The type of a file.</summary>
    internal static ContentType Of(ReadOnlySpan<byte> name)
    {
        int dot = name.LastIndexOf((byte)'.');
        if (dot < 0 || name.Length - dot > 32)
        {
            return IsKnownText(name) ? Text : Default;
        }

        Span<char> extension = stackalloc char[32];
        int length = Encoding.Latin1.GetChars(name[dot..], extension);
        return Lookup.TryGetValue(extension[..length], out ContentType? type) ? type : Default;
    }

    /// <summary>The files without an extension that lie in every project, to be read in the browser and not downloaded.</summary>
    private static bool IsKnownText(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("README"u8) || name.SequenceEqual("LICENSE"u8) || name.SequenceEqual("COPYING"u8) || name.SequenceEqual("AUTHORS"u8)
        || name.SequenceEqual("CHANGELOG"u8) || name.SequenceEqual("NOTICE"u8) || name.SequenceEqual("Makefile"u8) || name.SequenceEqual("Dockerfile"u8);

    private static ContentType Text { get; } = Describe("text/plain");

    private static ContentType Default { get; } = new(Unknown, IsCompressible: false);

    private static Dictionary<string, ContentType> Build()
    {
        Dictionary<string, ContentType> types = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string extension, string type) in new FileExtensionContentTypeProvider().Mappings)
        {
            types[extension] = Describe(type);
        }

        // What it does not know, or by names that have been replaced (RFC 9239, 9512, 8878, 8081, IANA's registry).
        (string Extension, string Type)[] further =
        [
            (".js", "text/javascript"), (".mjs", "text/javascript"), (".cjs", "text/javascript"), (".map", "application/json"),
            (".wasm", "application/wasm"), (".webmanifest", "application/manifest+json"), (".jsonld", "application/ld+json"),
            (".geojson", "application/geo+json"), (".ndjson", "application/x-ndjson"), (".ipynb", "application/x-ipynb+json"),
            (".avif", "image/avif"), (".jxl", "image/jxl"), (".heic", "image/heic"), (".ico", "image/x-icon"),
            (".md", "text/markdown"), (".markdown", "text/markdown"), (".vtt", "text/vtt"), (".csv", "text/csv"), (".ics", "text/calendar"),
            (".yaml", "application/yaml"), (".yml", "application/yaml"), (".toml", "application/toml"), (".xml", "text/xml"),
            (".py", "text/x-python"), (".c", "text/plain"), (".h", "text/plain"), (".cs", "text/plain"), (".rs", "text/plain"), (".go", "text/plain"),
            (".ts", "text/plain"), (".tsx", "text/plain"), (".jsx", "text/plain"), (".sh", "text/plain"), (".rst", "text/plain"), (".log", "text/plain"),
            (".ini", "text/plain"), (".cfg", "text/plain"), (".conf", "text/plain"), (".diff", "text/plain"), (".patch", "text/plain"),
            (".gz", "application/gzip"), (".tgz", "application/gzip"), (".bz2", "application/x-bzip2"), (".xz", "application/x-xz"),
            (".zst", "application/zstd"), (".br", Unknown), (".7z", "application/x-7z-compressed"), (".whl", "application/zip"),
            (".opus", "audio/ogg"), (".ogg", "audio/ogg"), (".flac", "audio/flac"), (".m4a", "audio/mp4"), (".mkv", "video/x-matroska"),
            (".woff", "font/woff"), (".woff2", "font/woff2"), (".ttf", "font/ttf"), (".otf", "font/otf"), (".epub", "application/epub+zip"),
            (".glb", "model/gltf-binary"), (".gltf", "model/gltf+json"),
        ];
        foreach ((string extension, string type) in further)
        {
            types[extension] = Describe(type);
        }

        return types;
    }

    private static ContentType Describe(string type)
    {
        bool isText = type.StartsWith("text/", StringComparison.Ordinal) || type is "application/javascript" or "application/yaml" or "application/toml";
        bool isCompressible = isText
            || type.EndsWith("+xml", StringComparison.Ordinal)
            || type.EndsWith("+json", StringComparison.Ordinal)
            || type is "application/json" or "application/xml" or "application/wasm" or "application/x-ndjson" or "image/bmp" or "font/ttf" or "font/otf"
                or "application/manifest+json" or "model/gltf-binary";
        return new ContentType(isText ? type + Utf8 : type, isCompressible);
    }
}
