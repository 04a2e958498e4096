using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Darter.Server.Tls;

namespace Darter.Server.Tests.Tls;

/// <summary>What a client says at the beginning of a handshake.</summary>
public sealed class ClientHelloTests
{
    private const ushort Ecdsa256 = 0x0403;
    private const ushort Ecdsa384 = 0x0503;
    private const ushort RsaPss = 0x0804;
    private const ushort EcdsaGcm = 0xC02B;
    private const ushort EcdsaChaCha = 0xCCA9;
    private const ushort RsaGcm = 0xC02F;
    private const ushort Aes13 = 0x1301;

    [Theory]
    [InlineData(true, new ushort[] { Aes13 }, new ushort[] { RsaPss, Ecdsa256 }, true)]
    [InlineData(true, new ushort[] { Aes13 }, new ushort[] { RsaPss }, false)]
    [InlineData(true, new ushort[] { Aes13, EcdsaGcm }, new ushort[] { RsaPss, Ecdsa384 }, false)]
    [InlineData(false, new ushort[] { EcdsaGcm, RsaGcm }, new ushort[] { RsaPss, Ecdsa256 }, true)]
    [InlineData(false, new ushort[] { EcdsaGcm, RsaGcm }, new ushort[] { RsaPss, Ecdsa384 }, true)]
    [InlineData(false, new ushort[] { RsaGcm }, new ushort[] { RsaPss, Ecdsa256 }, false)]
    [InlineData(false, new ushort[] { EcdsaChaCha, RsaGcm }, new ushort[] { RsaPss, Ecdsa256 }, false)]
    [InlineData(false, new ushort[] { EcdsaGcm, RsaGcm }, new ushort[] { RsaPss }, false)]
    public void Accepts_DependsOnVersionSuitesAndSignatures(bool hasTls13, ushort[] suites, ushort[] schemes, bool accepts)
    {
        ClientHello hello = ReadWhole(Hello(suites, Extensions(hasTls13, schemes, [23, 24], null)));
        Assert.Equal(accepts, hello.Accepts(CertificateKey.EcdsaP256, ClientHello.SystemEcdsaSuites));
        Assert.True(hello.Accepts(CertificateKey.Rsa, ClientHello.SystemEcdsaSuites));
        Assert.False(hello.Accepts(CertificateKey.Other, ClientHello.SystemEcdsaSuites));
    }

    [Fact]
    public void Accepts_WithTls12_NeedsTheCurveAndASuiteThatTheServerHas()
    {
        ClientHello hello = ReadWhole(Hello([EcdsaGcm], Extensions(false, [Ecdsa256], [23], null)));
        Assert.True(hello.Accepts(CertificateKey.EcdsaP256, ClientHello.SystemEcdsaSuites));
        Assert.False(hello.Accepts(CertificateKey.EcdsaP384, ClientHello.SystemEcdsaSuites));
        Assert.False(hello.Accepts(CertificateKey.EcdsaP256, ClientHello.EcdsaSuitesOf([System.Net.Security.TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256])));
        Assert.False(ReadWhole(Hello([EcdsaGcm], null)).Accepts(CertificateKey.EcdsaP256, ClientHello.SystemEcdsaSuites));
    }

    [Theory]
    [InlineData("acme-tls/1", true)]
    [InlineData("h2", false)]
    [InlineData("acme-tls/1,h2", false)]
    public void IsAcmeValidation_IsForItsProtocolAlone(string protocols, bool isValidation) =>
        Assert.Equal(isValidation, ReadWhole(Hello([Aes13], Extensions(true, [Ecdsa256], [23], protocols.Split(',')))).IsAcmeValidation);

    [Fact]
    public void Read_OfAHelloInAnyPieces_IsThatOfTheWhole() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[1, 60]).Sample((record, segment) =>
        {
            byte[] message = Hello([Aes13], Extensions(true, [Ecdsa256], [23], ["acme-tls/1"]));
            byte[] records = Records(message, Math.Max(record, (message.Length + 7) / 8));
            for (int length = 0; length < records.Length; length++)
            {
                Assert.Equal(ClientHelloReading.Incomplete, ClientHello.Read(Segments(records.AsSpan(0, length), segment), out _));
            }

            Assert.Equal(ClientHelloReading.Complete, ClientHello.Read(Segments([.. records, 1, 2, 3], segment), out ClientHello? hello));
            Assert.True(hello!.IsAcmeValidation);
        }, iter: 50);

    [Fact]
    public void Read_OfAChangedHello_NeverThrows()
    {
        byte[] hello = Records(Hello([Aes13, EcdsaGcm], Extensions(true, [Ecdsa256, RsaPss], [23], ["h2", "http/1.1"])), 16384);
        Gen.Select(Gen.Int[0, hello.Length - 1].Array[1, 6], Gen.Byte.Array[6], Gen.Int[0, hello.Length]).Sample((places, values, cut) =>
        {
            byte[] changed = [.. hello];
            for (int i = 0; i < places.Length; i++)
            {
                changed[places[i]] = values[i];
            }

            AssertConsistent(changed.AsSpan(0, cut));
            AssertConsistent(changed);
        });
    }

    [Fact]
    public void Read_OfAnything_NeverThrows() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            AssertConsistent(bytes);
            AssertConsistent([22, 3, 1, 0, (byte)bytes.Length, .. bytes]);
            AssertConsistent([22, 3, 1, 0, (byte)(bytes.Length + 4), 1, 0, 0, (byte)bytes.Length, .. bytes]);
        });

    [Fact]
    public void Read_OfWhatIsNoHelloOrTooLong_IsUnusable()
    {
        Assert.Equal(ClientHelloReading.Unusable, Read("GET / HTTP/1.1\r\n"u8));
        Assert.Equal(ClientHelloReading.Unusable, Read([22, 2]));
        Assert.Equal(ClientHelloReading.Unusable, Read([22, 3, 1, 0, 0]));
        Assert.Equal(ClientHelloReading.Unusable, Read([22, 3, 1, 0x40, 1]));
        Assert.Equal(ClientHelloReading.Unusable, Read([22, 3, 1, 0, 4, 2, 0, 0, 0]));
        Assert.Equal(ClientHelloReading.Unusable, Read([22, 3, 1, 0, 4, 1, 0, 0x40, 1]));

        byte[] message = Hello([Aes13], Extensions(true, [Ecdsa256], [23], null));
        Assert.Equal(ClientHelloReading.Unusable, Read(Records(message, message.Length / 9)));
    }

    private static void AssertConsistent(ReadOnlySpan<byte> bytes) =>
        Assert.Equal(ClientHello.Read(new ReadOnlySequence<byte>(bytes.ToArray()), out ClientHello? hello) == ClientHelloReading.Complete, hello is not null);

    private static ClientHelloReading Read(ReadOnlySpan<byte> bytes) => ClientHello.Read(new ReadOnlySequence<byte>(bytes.ToArray()), out _);

    private static ClientHello ReadWhole(byte[] message)
    {
        Assert.Equal(ClientHelloReading.Complete, ClientHello.Read(new ReadOnlySequence<byte>(Records(message, 16384)), out ClientHello? hello));
        return hello!;
    }

    private static byte[] Hello(ushort[] suites, byte[]? extensions)
    {
        byte[] body = [3, 3, .. new byte[32], 0, .. Vector(Numbers(suites)), 1, 0, .. extensions is null ? [] : Vector(extensions)];
        return [1, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    private static byte[] Extensions(bool hasTls13, ushort[] schemes, ushort[] groups, string[]? protocols) =>
    [
        .. Number(0), .. Vector([0, 0]),
        .. Number(10), .. Vector(Vector(Numbers(groups))),
        .. Number(13), .. Vector(Vector(Numbers(schemes))),
        .. protocols is null ? (byte[])[] : [.. Number(16), .. Vector(Vector([.. protocols.SelectMany(name => (byte[])[(byte)name.Length, .. name.Select(c => (byte)c)])]))],
        .. hasTls13 ? (byte[])[.. Number(43), .. Vector([4, 3, 4, 3, 3])] : [],
    ];

    private static byte[] Records(byte[] message, int size) =>
        [.. message.Chunk(size).SelectMany(chunk => (byte[])[22, 3, 1, .. Vector(chunk)])];

    private static byte[] Vector(byte[] content) => [.. Number((ushort)content.Length), .. content];

    private static byte[] Numbers(ushort[] values) => [.. values.SelectMany(Number)];

    private static byte[] Number(ushort value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    private static ReadOnlySequence<byte> Segments(ReadOnlySpan<byte> bytes, int size)
    {
        Segment first = new([], null);
        Segment last = first;
        foreach (byte[] chunk in bytes.ToArray().Chunk(size))
        {
            last = new Segment(chunk, last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(byte[] bytes, Segment? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                before.Next = this;
                RunningIndex = before.RunningIndex + before.Memory.Length;
            }
        }
    }
}
