using System.Buffers;

namespace Darter.Server.SharedValues;

/// <summary>Takes commands, with the data that follow some of them, out of the bytes of a connection.</summary>
/// <param name="maxValue">Most bytes of a value.</param>
internal sealed class MemcachedReader(int maxValue)
{
    // memcached's get may have many keys. A client with more sends several.
    internal const int MaxLine = 64 * 1024;

    private static readonly MemcachedCommand s_tooLong = new()
    {
        Verb = MemcachedVerb.None,
        Error = "CLIENT_ERROR line too long",
        EndsConnection = true,
    };

    private static readonly MemcachedCommand s_badData = new()
    {
        Verb = MemcachedVerb.None,
        Error = "CLIENT_ERROR bad data chunk",
        EndsConnection = true,
    };

    private MemcachedCommand? _awaitsData;
    private long _skip;

    /// <summary>Takes the next command; false: more must come.</summary>
    /// <param name="buffer">What has come; what is taken is cut off.</param>
    /// <param name="command">The command.</param>
    /// <param name="data">Its data; null: it has none, or they are more than are kept, and are passed over.</param>
    internal bool TryRead(ref ReadOnlySequence<byte> buffer, out MemcachedCommand? command, out byte[]? data)
    {
        command = null;
        data = null;
        if (!Skip(ref buffer))
        {
            return false;
        }

        if (_awaitsData is null)
        {
            if (buffer.PositionOf((byte)'\n') is not { } end)
            {
                command = buffer.Length > MaxLine ? s_tooLong : null;
                return command is not null;
            }

            command = Parse(buffer.Slice(0, end));
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            if (command.Verb != MemcachedVerb.Store)
            {
                return true;
            }

            if (command.Length > maxValue)
            {
                _skip = command.Length + 2L;
                return true;
            }

            _awaitsData = command;
        }

        command = _awaitsData;
        if (buffer.Length < command.Length + 2L)
        {
            command = null;
            return false;
        }

        _awaitsData = null;
        data = buffer.Slice(0, command.Length).ToArray();
        if (!IsEnd(buffer.Slice(command.Length, 2)))
        {
            command = s_badData;
            data = null;
        }

        buffer = buffer.Slice(Math.Min(buffer.Length, data is null ? 0 : data.Length + 2L));
        return true;
    }

    private bool Skip(ref ReadOnlySequence<byte> buffer)
    {
        long count = Math.Min(_skip, buffer.Length);
        buffer = buffer.Slice(count);
        _skip -= count;
        return _skip == 0;
    }

    private static MemcachedCommand Parse(in ReadOnlySequence<byte> line)
    {
        if (line.Length > MaxLine)
        {
            return s_tooLong;
        }

        ReadOnlySpan<byte> bytes = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        return MemcachedParser.Parse(bytes.EndsWith("\r"u8) ? bytes[..^1] : bytes);
    }

    private static bool IsEnd(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> end = stackalloc byte[2];
        bytes.CopyTo(end);
        return end.SequenceEqual("\r\n"u8);
    }
}
