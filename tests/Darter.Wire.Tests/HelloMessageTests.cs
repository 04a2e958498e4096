using CsCheck;

namespace Darter.Wire.Tests;

public class HelloMessageTests
{
    private static readonly Gen<byte[]> Token = Gen.Byte.Array[ChannelFormat.TokenSize];

    [Fact]
    public void TryRead_SameToken_IsAccepted() =>
        Gen.Select(Gen.Int, Token).Sample((processId, token) =>
        {
            byte[] payload = Write(processId, token);
            Assert.True(HelloMessage.TryRead(payload, token, out int read, out ushort version));
            Assert.Equal(processId, read);
            Assert.Equal(ChannelFormat.Version, version);
        });

    [Fact]
    public void TryRead_AnyBitFlipped_IsRejectedUnlessInTheProcessId() =>
        Gen.Select(Gen.Int, Token).Sample(
            (processId, token) =>
            {
                for (int bit = 0; bit < HelloMessage.Size * 8; bit++)
                {
                    byte[] payload = Write(processId, token);
                    payload[bit / 8] ^= (byte)(1 << (bit % 8));
                    bool ofProcessId = bit / 8 is >= 8 and < 12;
                    Assert.Equal(ofProcessId, HelloMessage.TryRead(payload, token, out _, out _));
                }
            },
            iter: 20);

    [Fact]
    public void TryRead_OtherLength_IsRejected()
    {
        byte[] token = new byte[ChannelFormat.TokenSize];
        byte[] payload = Write(1, token);
        for (int length = 0; length < payload.Length; length++)
        {
            Assert.False(HelloMessage.TryRead(payload.AsSpan(0, length), token, out _, out _));
        }

        Assert.False(HelloMessage.TryRead([.. payload, 0], token, out _, out _));
    }

    [Fact]
    public void TryRead_OtherVersion_IsRejectedAndNamed()
    {
        byte[] token = new byte[ChannelFormat.TokenSize];
        byte[] payload = Write(1, token);
        payload[4] = 0x7F;
        Assert.False(HelloMessage.TryRead(payload, token, out _, out ushort version));
        Assert.Equal(0x7F, version);
    }

    [Fact]
    public void TryRead_RandomBytes_IsRejected() =>
        Gen.Select(Gen.Byte.Array[0, 64], Token).Sample((payload, token) => Assert.False(HelloMessage.TryRead(payload, token, out _, out _)));

    private static byte[] Write(int processId, byte[] token)
    {
        var payload = new byte[HelloMessage.Size];
        HelloMessage.Write(payload, processId, token);
        return payload;
    }
}
