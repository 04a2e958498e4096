using System.Buffers;
using System.Buffers.Binary;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>
/// Names and values (FastCGI 1.0, section 3.4): both lengths, then both texts. A length takes one byte up to 127, else four,
/// of which the first bit is set.
/// </summary>
internal static class NameValuePairs
{
    private const int LongestShort = 127;

    /// <summary>Takes the first pair off. False: what is there is no pair.</summary>
    internal static bool TryTake(ref ReadOnlySpan<byte> source, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        ReadOnlySpan<byte> rest = source;
        if (!TryTakeLength(ref rest, out uint nameLength) || !TryTakeLength(ref rest, out uint valueLength) || (ulong)nameLength + valueLength > (ulong)rest.Length)
        {
            return false;
        }

        name = rest[..(int)nameLength];
        value = rest.Slice((int)nameLength, (int)valueLength);
        source = rest[(int)(nameLength + valueLength)..];
        return true;
    }

    /// <summary>Writes a pair.</summary>
    internal static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        WriteLength(output, name.Length);
        WriteLength(output, value.Length);
        output.Write(name);
        output.Write(value);
    }

    private static bool TryTakeLength(ref ReadOnlySpan<byte> source, out uint length)
    {
        length = 0;
        if (source.IsEmpty)
        {
            return false;
        }

        if (source[0] <= LongestShort)
        {
            length = source[0];
            source = source[1..];
            return true;
        }

        if (source.Length < 4)
        {
            return false;
        }

        length = BinaryPrimitives.ReadUInt32BigEndian(source) & int.MaxValue;
        source = source[4..];
        return true;
    }

    private static void WriteLength(IBufferWriter<byte> output, int length)
    {
        Span<byte> destination = output.GetSpan(4);
        if (length <= LongestShort)
        {
            destination[0] = (byte)length;
            output.Advance(1);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)length | 0x80000000);
            output.Advance(4);
        }
    }
}
