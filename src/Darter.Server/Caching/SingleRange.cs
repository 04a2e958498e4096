namespace Darter.Server.Caching;

/// <summary>The field Range with one range of bytes (RFC 9110, section 14.1.2).</summary>
internal static class SingleRange
{
    private const string Unit = "bytes=";

    /// <summary>Reads it; null: it is none, or several, and the whole is to be sent, or nothing of it exists.</summary>
    /// <param name="text">The field's value.</param>
    /// <param name="length">Length of the whole.</param>
    /// <param name="isUnsatisfiable">Whether nothing of it exists (416).</param>
    internal static ByteRange? Parse(string text, long length, out bool isUnsatisfiable)
    {
        ByteRange? range = null;
        bool isRange = text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase)
            && ByteRange.TryParse(text.AsSpan(Unit.Length).Trim(" \t"), length, out range);
        isUnsatisfiable = isRange && range is null;
        return range;
    }
}
