using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Darter.Server.Hub.Redis;

/// <summary>Reads what <see cref="RedisScript.Append"/> publishes: <c>ID PREVIOUS NODE NUMBER LENGTH\n</c>, the channel's name, the item.</summary>
internal static class RedisPush
{
    private const int Fields = 5;

    /// <summary>False: that is no item of a node.</summary>
    internal static bool TryParse(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out StreamPush? push)
    {
        push = null;
        int line = message.Span.IndexOf((byte)'\n');
        if (line < 0)
        {
            return false;
        }

        string[] fields = Encoding.ASCII.GetString(message.Span[..line]).Split(' ');
        if (fields.Length != Fields || !StreamId.TryParse(fields[0], out StreamId id) || !StreamId.TryParse(fields[1], out StreamId previous)
            || !long.TryParse(fields[3], NumberStyles.None, null, out long sequence)
            || !int.TryParse(fields[4], NumberStyles.None, null, out int length) || length > message.Length - line - 1)
        {
            return false;
        }

        string channel = Encoding.UTF8.GetString(message.Span.Slice(line + 1, length));
        push = new StreamPush(channel, new StreamEntry(id, fields[2], sequence, message[(line + 1 + length)..]), previous);
        return true;
    }
}
