using System.Text;

namespace Darter.Server.Listeners;

/// <summary>
/// Reads the value of Content-Length for the HTTP server, whose own reading takes a sign and white space of any kind for
/// part of a number. RFC 9110, section 8.6: digits only. Anything else becomes a character that is no number at all.
/// </summary>
internal sealed class ContentLengthEncoding : Encoding
{
    private const char NoNumber = 'x';

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        for (int i = 0; i < byteCount; i++)
        {
            byte value = bytes[byteIndex + i];
            chars[charIndex + i] = char.IsAsciiDigit((char)value) ? (char)value : NoNumber;
        }

        return byteCount;
    }

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => count;

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => charCount;

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => byteCount;
}
