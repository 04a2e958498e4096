using System.Buffers;
using System.Buffers.Binary;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>The header of a record (FastCGI 1.0, section 3.3): version, type, request id (2), content length (2), padding length, 0.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Id">The request that it belongs to; 0: the connection.</param>
/// <param name="ContentLength">Bytes of content behind the header.</param>
/// <param name="PaddingLength">Bytes behind those that mean nothing.</param>
internal readonly record struct RecordHeader(RecordType Type, ushort Id, ushort ContentLength, byte PaddingLength)
{
    /// <summary>Its size in bytes.</summary>
    internal const int Size = 8;

    private const byte Version = 1;

    /// <summary>The size of the whole record.</summary>
    internal int RecordSize => Size + ContentLength + PaddingLength;

    /// <summary>Reads the header at the beginning of what has come.</summary>
    internal static HeadStatus TryRead(in ReadOnlySequence<byte> buffer, out RecordHeader header)
    {
        header = default;
        Span<byte> bytes = stackalloc byte[Size];
        int available = (int)Math.Min(buffer.Length, Size);
        buffer.Slice(0, available).CopyTo(bytes);
        if (available > 0 && bytes[0] != Version)
        {
            return HeadStatus.Malformed;
        }

        if (available < Size)
        {
            return HeadStatus.NeedMore;
        }

        header = new RecordHeader(
            (RecordType)bytes[1], BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]), bytes[6]);
        return HeadStatus.Complete;
    }

    /// <summary>Writes it.</summary>
    internal void Write(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], ContentLength);
        destination[6] = PaddingLength;
        destination[7] = 0;
    }
}
