namespace Darter.Server.Files;

/// <summary>A part of a file.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Its length, at least 1.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>Where it ends: the first byte that is not in it.</summary>
    internal long End => Offset + Length;

    /// <summary>The range as Content-Range has it.</summary>
    internal string ToContentRange(long fileLength) => $"bytes {Offset}-{End - 1}/{fileLength}";
}
