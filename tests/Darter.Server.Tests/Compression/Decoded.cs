using System.IO.Compression;
using ZstdSharp;

namespace Darter.Server.Tests.Compression;

/// <summary>Undoes content codings.</summary>
internal static class Decoded
{
    /// <summary>The bytes that were compressed, as far as they can be read from what has come.</summary>
    public static byte[] Of(string? coding, byte[] bytes)
    {
        using MemoryStream output = new();
        using Stream input = coding switch
        {
            "br" => new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress),
            "zstd" => new DecompressionStream(new MemoryStream(bytes), checkEndOfStream: false),
            _ => new MemoryStream(bytes),
        };
        byte[] buffer = new byte[4096];
        try
        {
            while (input.Read(buffer) is > 0 and var read)
            {
                output.Write(buffer, 0, read);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or InvalidOperationException)
        {
            // It has no end yet.
        }

        return output.ToArray();
    }
}
