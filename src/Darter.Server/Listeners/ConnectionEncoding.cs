using System.Text;

namespace Darter.Server.Listeners;

/// <summary>
/// Reads the value of Connection for the HTTP server, which puts a word of its own in the place of a value whose only option is close,
/// keep-alive or Upgrade, with all names of fields beside it; those are not to be passed on (RFC 9110, section 7.6.1). A value with two
/// options it leaves alone, and what they mean is the same: close is the stronger, and keep-alive is what HTTP/1.1 does anyway.
/// </summary>
internal sealed class ConnectionEncoding : Encoding
{
    private const string KeepAlive = "keep-alive";

    // Fields that no proxy passes on, named or not.
    private static readonly string[] s_hops = [KeepAlive, "close", "upgrade", "te", "trailer", "transfer-encoding", "http2-settings", "proxy-connection"];

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => Read(bytes.AsSpan(index, count)).Length;

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        string text = Read(bytes.AsSpan(byteIndex, byteCount));
        text.CopyTo(0, chars, charIndex, text.Length);
        return text.Length;
    }

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => count;

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => charCount;

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => byteCount + KeepAlive.Length + 2;

    private static string Read(ReadOnlySpan<byte> bytes)
    {
        string text = Latin1.GetString(bytes);
        string[] options = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (Array.TrueForAll(options, option => s_hops.Contains(option, StringComparer.OrdinalIgnoreCase)))
        {
            return text;
        }

        bool keeps = Has(KeepAlive);
        bool isOther = Has("close") || Has("upgrade");
        return keeps == isOther ? text
            : keeps ? string.Join(", ", options.Where(option => !option.Equals(KeepAlive, StringComparison.OrdinalIgnoreCase)))
            : $"{KeepAlive}, {text}";

        bool Has(string name) => options.Contains(name, StringComparer.OrdinalIgnoreCase);
    }
}
