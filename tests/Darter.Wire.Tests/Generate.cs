using CsCheck;

namespace Darter.Wire.Tests;

/// <summary>Generators of everything that may travel on a channel.</summary>
internal static class Generate
{
    private static readonly FrameType[] OfChannel = [FrameType.Hello, FrameType.Ready, FrameType.Failed, FrameType.Drain, FrameType.Log];

    private static readonly FrameType[] OfStream =
    [
        FrameType.Request, FrameType.Body, FrameType.Window, FrameType.Cancel, FrameType.Response, FrameType.Informational,
        FrameType.File, FrameType.End, FrameType.Abort, FrameType.Message, FrameType.Close, FrameType.Trailers,
    ];

    /// <summary>Bytes, often none and often the same ones again, so that shifted data may look like the original.</summary>
    public static readonly Gen<byte[]> Payload = Gen.OneOf(
        Gen.Byte.Array[0, 64],
        Gen.Select(Gen.Byte, Gen.Int[0, 48], (value, count) => Enumerable.Repeat(value, count).ToArray()),
        Gen.Byte.Array[0, 600]);

    /// <summary>Any frame that the format allows.</summary>
    public static readonly Gen<WireFrame> Frame = Gen.OneOf(
        Gen.Select(Gen.OneOf(OfChannel), Flags, Payload, (type, flags, payload) => new WireFrame(type, flags, 0, payload)),
        Gen.Select(
            Gen.OneOf(OfStream), Flags, Gen.UInt[1, (1u << 30) - 1], Payload,
            (type, flags, stream, payload) => new WireFrame(type, flags, stream, payload)));

    /// <summary>Some frames in a row.</summary>
    public static readonly Gen<WireFrame[]> Frames = Frame.Array[1, 12];

    /// <summary>The fields of a header block.</summary>
    public static readonly Gen<(byte[] Name, byte[] Value)[]> Fields =
        Gen.Select(Gen.Byte.Array[1, 40], Gen.Byte.Array[0, 200]).Array[0, 20];

    private static Gen<FrameFlags> Flags => Gen.OneOf(FrameFlags.None, FrameFlags.End);

    /// <summary>The bytes of a header block.</summary>
    public static byte[] HeaderBlockBytes((byte[] Name, byte[] Value)[] fields)
    {
        var bytes = new byte[2 + fields.Sum(field => 4 + field.Name.Length + field.Value.Length)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)fields.Length);
        int offset = 2;
        foreach ((byte[] name, byte[] value) in fields)
        {
            offset += HeaderBlock.WriteField(bytes.AsSpan(offset), name, value);
        }

        Assert.Equal(bytes.Length, offset);
        return bytes;
    }
}
