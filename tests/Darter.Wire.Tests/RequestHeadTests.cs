using CsCheck;

namespace Darter.Wire.Tests;

public class RequestHeadTests
{
    private static readonly Gen<Values> AnyHead = Gen.Select(
        Gen.Select(Gen.UShort, Gen.UShort, Gen.OneOf(Gen.Const(-1L), Gen.Const(0L), Gen.Long[0, long.MaxValue])),
        Gen.Select(Gen.Byte.Array[1, 255], Gen.Byte.Array[0, 255], Gen.Byte.Array[0, 3000]),
        Gen.Select(Gen.OneOf<byte>(10, 11, 20, 30), Gen.Select(Gen.Bool, Gen.Bool), Gen.UShort, Gen.Byte.Array[0, 255]),
        Generate.Fields,
        (first, texts, stable, fields) => new Values(
            first.Item1, first.Item2, first.Item3, texts.Item1, texts.Item2, texts.Item3,
            stable.Item1, stable.Item2.Item1, stable.Item2.Item2, stable.Item3, stable.Item4, fields));

    private static readonly Values Smallest = new(0, 0, 0, "G"u8.ToArray(), [], [], 11, false, false, 0, [], []);

    [Fact]
    public void TryRead_AnyHead_RoundTrips() =>
        AnyHead.Sample(values =>
        {
            byte[] payload = values.Write();
            Assert.True(RequestHead.TryRead(payload, out RequestHead head));
            Assert.Equal(values.Slot, head.Slot);
            Assert.Equal(values.ClientPort, head.ClientPort);
            Assert.Equal(values.ContentLength, head.ContentLength);
            Assert.Equal(values.Method, head.Method);
            Assert.Equal(values.ClientHost, head.ClientHost);
            Assert.Equal(values.Target, head.Target);
            Assert.Equal(values.Version, head.Version);
            Assert.Equal(values.Https, head.IsHttps);
            Assert.Equal(values.WebSocket, head.IsWebSocket);
            Assert.Equal(values.ServerPort, head.ServerPort);
            Assert.Equal(values.ServerHost, head.ServerHost);
            Assert.Equal(Generate.HeaderBlockBytes(values.Fields), head.Headers.Bytes);
        });

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void TryRead_WithVariables_HasThemBehindTheHeaderBlock(bool hasFields, bool hasVariables) =>
        Gen.Select(Generate.Fields, Generate.Fields).Sample(
            (fields, variables) =>
            {
                byte[] block = Generate.HeaderBlockBytes(hasFields ? fields : []);
                byte[] behind = Generate.HeaderBlockBytes(hasVariables ? variables : []);
                byte[] first = new byte[60];
                int length = RequestHead.WriteFirst(first, 1, 0, 0, "GET"u8, default, "/"u8);
                int stable = length;
                length += RequestHead.WriteStable(first.AsSpan(length), 11, https: false, webSocket: false, 80, "h"u8, variables: true);
                byte[] payload = [.. first.AsSpan(0, length), .. block, .. behind];
                Assert.True(RequestHead.TryRead(payload, out RequestHead head));
                Assert.True(head.HasVariables);
                Assert.Equal(block, head.Headers.Bytes);
                Assert.Equal(behind, head.Variables.Bytes);
                Assert.Equal(payload.AsSpan(stable, length - stable), head.Listener);
                Assert.False(RequestHead.TryRead(payload.AsSpan(0, payload.Length - 1), out _));
                Assert.False(RequestHead.TryRead([.. payload, 0], out _));
            },
            iter: 50);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void TryRead_OfWhatAProxySays_RoundTrips(bool scriptName, bool proxied)
    {
        byte[] payload = new byte[100];
        int length = RequestHead.WriteFirst(payload, 1, 0, 0, "GET"u8, default, "/"u8);
        length += RequestHead.WriteStable(payload.AsSpan(length), 11, https: false, webSocket: false, 0, default, scriptName, proxied) + 2;
        Assert.True(RequestHead.TryRead(payload.AsSpan(0, length), out RequestHead head));
        Assert.Equal((scriptName, proxied, false, false), (head.HasScriptName, head.IsProxied, head.IsHttps, head.IsWebSocket));
    }

    [Fact]
    public void Stable_HeadsThatDifferOnlyInTheFirstPart_AreTheSameBytes() =>
        Gen.Select(AnyHead, AnyHead).Sample((one, two) =>
        {
            Values other = two with
            {
                Version = one.Version,
                Https = one.Https,
                WebSocket = one.WebSocket,
                ServerPort = one.ServerPort,
                ServerHost = one.ServerHost,
                Fields = one.Fields,
            };
            Assert.True(RequestHead.TryRead(one.Write(), out RequestHead first));
            Assert.True(RequestHead.TryRead(other.Write(), out RequestHead second));
            Assert.True(first.Stable.SequenceEqual(second.Stable));
        });

    [Fact]
    public void TryRead_TruncatedOrExtended_IsRejected() =>
        AnyHead.Sample(
            values =>
            {
                byte[] payload = values.Write();
                for (int length = 0; length < payload.Length; length++)
                {
                    Assert.False(RequestHead.TryRead(payload.AsSpan(0, length), out _), $"Accepted with {length} of {payload.Length} bytes.");
                }

                Assert.False(RequestHead.TryRead([.. payload, 0], out _));
            },
            iter: 30);

    [Fact]
    public void TryRead_RandomBytes_NeverThrowsAndAcceptsOnlyWellFormedHeads() =>
        Gen.OneOf(Gen.Byte, Gen.Byte[0, 3]).Array[0, 80].Sample(Inspect);

    [Fact]
    public void TryRead_OneByteChanged_NeverThrowsAndAcceptsOnlyWellFormedHeads() =>
        Gen.Select(AnyHead, Gen.Int[0, 100_000], Gen.Byte).Sample((values, at, value) =>
        {
            byte[] payload = values.Write();
            payload[at % payload.Length] = value;
            Inspect(payload);
        });

    [Theory]
    [InlineData(16 + 1, 0)]
    [InlineData(16 + 1, 9)]
    [InlineData(16 + 1, 12)]
    [InlineData(16 + 1, 255)]
    [InlineData(16 + 2, 32)]
    [InlineData(12, 0)]
    [InlineData(11, 0x80)]
    public void TryRead_UnknownValue_IsRejected(int offset, byte value)
    {
        byte[] payload = Smallest.Write();
        Assert.True(RequestHead.TryRead(payload, out _));
        payload[offset] = value;
        Assert.False(RequestHead.TryRead(payload, out _));
    }

    [Fact]
    public void FixedSize_SmallestHead_IsItAndOneByteOfMethod() => Assert.Equal(RequestHead.FixedSize + 1, Smallest.Write().Length);

    [Fact]
    public void WriteFirst_TextTooLongForItsField_Throws()
    {
        var destination = new byte[100_000];
        Assert.Throws<OverflowException>(() => RequestHead.WriteFirst(destination, 0, 0, 0, new byte[256], [], []));
        Assert.Throws<OverflowException>(() => RequestHead.WriteFirst(destination, 0, 0, 0, [1], new byte[256], []));
        Assert.Throws<OverflowException>(() => RequestHead.WriteFirst(destination, 0, 0, 0, [1], [], new byte[65536]));
        Assert.Throws<OverflowException>(() => RequestHead.WriteStable(destination, 11, false, false, 0, new byte[256]));
    }

    private static void Inspect(byte[] payload)
    {
        if (!RequestHead.TryRead(payload, out RequestHead head))
        {
            return;
        }

        int parts = 16 + head.Method.Length + head.ClientHost.Length + head.Target.Length + 5 + head.ServerHost.Length;
        Assert.Equal(payload.Length, parts + head.Headers.Bytes.Length + head.Variables.Bytes.Length);
        Assert.NotEqual(0, head.Method.Length);
        Assert.InRange(head.ContentLength, -1, long.MaxValue);
        Assert.Contains(head.Version, new byte[] { 10, 11, 20, 30 });
        int count = 0;
        foreach (HeaderBlock.Field field in head.Headers)
        {
            Assert.NotEqual(0, field.Name.Length);
            count++;
        }

        Assert.Equal(head.Headers.Count, count);
    }

    private sealed record Values(
        ushort Slot, ushort ClientPort, long ContentLength, byte[] Method, byte[] ClientHost, byte[] Target,
        byte Version, bool Https, bool WebSocket, ushort ServerPort, byte[] ServerHost, (byte[] Name, byte[] Value)[] Fields)
    {
        public byte[] Write()
        {
            byte[] headers = Generate.HeaderBlockBytes(Fields);
            var payload = new byte[RequestHead.FixedSize - 2 + Method.Length + ClientHost.Length + Target.Length + ServerHost.Length + headers.Length];
            int length = RequestHead.WriteFirst(payload, Slot, ClientPort, ContentLength, Method, ClientHost, Target);
            length += RequestHead.WriteStable(payload.AsSpan(length), Version, Https, WebSocket, ServerPort, ServerHost);
            headers.CopyTo(payload, length);
            Assert.Equal(payload.Length, length + headers.Length);
            return payload;
        }
    }
}
