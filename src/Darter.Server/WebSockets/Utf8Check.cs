using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Darter.Server.WebSockets;

/// <summary>Checks UTF-8 that comes in pieces, which may divide a character. It rejects as soon as a byte is wrong.</summary>
internal struct Utf8Check
{
    private uint _pending;
    private int _pendingLength;

    /// <summary>Takes the next piece, the last one when <paramref name="end"/>. False: the text is not UTF-8.</summary>
    internal bool Accept(ReadOnlySpan<byte> bytes, bool end)
    {
        if (_pendingLength > 0 && !AcceptPending(ref bytes))
        {
            return false;
        }

        if (_pendingLength == 0)
        {
            int tail = IncompleteTail(bytes);
            if (!Utf8.IsValid(bytes[..^tail]) || (tail > 0 && !Keep(bytes[^tail..])))
            {
                return false;
            }
        }

        return !end || _pendingLength == 0;
    }

    /// <summary>Completes the character that the piece before has begun.</summary>
    private bool AcceptPending(ref ReadOnlySpan<byte> bytes)
    {
        Span<byte> character = stackalloc byte[4];
        while (!bytes.IsEmpty)
        {
            for (int i = 0; i < _pendingLength; i++)
            {
                character[i] = (byte)(_pending >> (8 * i));
            }

            character[_pendingLength] = bytes[0];
            bytes = bytes[1..];
            switch (Rune.DecodeFromUtf8(character[..(_pendingLength + 1)], out _, out _))
            {
                case OperationStatus.Done:
                    _pendingLength = 0;
                    _pending = 0;
                    return true;
                case OperationStatus.NeedMoreData:
                    _pending |= (uint)character[_pendingLength] << (8 * _pendingLength);
                    _pendingLength++;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private bool Keep(ReadOnlySpan<byte> tail)
    {
        if (Rune.DecodeFromUtf8(tail, out _, out _) != OperationStatus.NeedMoreData)
        {
            return false;
        }

        for (int i = 0; i < tail.Length; i++)
        {
            _pending |= (uint)tail[i] << (8 * i);
        }

        _pendingLength = tail.Length;
        return true;
    }

    /// <summary>How many bytes at the end begin a character that needs more than is there.</summary>
    private static int IncompleteTail(ReadOnlySpan<byte> bytes)
    {
        for (int length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            byte lead = bytes[^length];
            if ((lead & 0xc0) != 0x80)
            {
                int needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
                return needed > length ? length : 0;
            }
        }

        return 0;
    }
}
