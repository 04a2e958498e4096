using System.Buffers.Binary;
using CsCheck;

namespace Darter.Wire.Tests;

public class ResponseHeadTests
{
    private static readonly Gen<Values> AnyHead = Gen.Select(
        Gen.Int[100, 999], Gen.Byte.Array[0, 255], Gen.OneOf(Gen.Const(-1L), Gen.Long[0, long.MaxValue]),
        Gen.Long[0, long.MaxValue], Generate.Fields, Generate.Payload,
        (status, reason, length, time, fields, body) => new Values(status, reason, length, time, fields, body));

    [Fact]
    public void TryRead_AnyHead_RoundTrips() =>
        AnyHead.Sample(values =>
        {
            Assert.True(ResponseHead.TryRead(values.Write(), out ResponseHead head));
            Assert.Equal(values.Status, head.Status);
            Assert.Equal(values.Reason, head.Reason);
            Assert.Equal(values.ContentLength, head.ContentLength);
            Assert.Equal(values.ServiceTime, head.ServiceTime);
            Assert.Equal(Generate.HeaderBlockBytes(values.Fields), head.Headers.Bytes);
            Assert.Equal(values.Body, head.Body);
        });

    [Fact]
    public void SetContentLength_Later_ReplacesIt() =>
        Gen.Select(AnyHead, Gen.Long[-1, long.MaxValue]).Sample((values, length) =>
        {
            byte[] payload = values.Write();
            ResponseHead.SetContentLength(payload, length);
            Assert.True(ResponseHead.TryRead(payload, out ResponseHead head));
            Assert.Equal(length, head.ContentLength);
            Assert.Equal(values.ServiceTime, head.ServiceTime);
            Assert.Equal(values.Status, head.Status);
        });

    [Fact]
    public void TryRead_TruncatedBeforeTheBody_IsRejected() =>
        AnyHead.Sample(
            values =>
            {
                byte[] payload = (values with { Body = [] }).Write();
                for (int length = 0; length < payload.Length; length++)
                {
                    Assert.False(ResponseHead.TryRead(payload.AsSpan(0, length), out _), $"Accepted with {length} of {payload.Length} bytes.");
                }
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
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(1000)]
    [InlineData(65535)]
    public void TryRead_StatusOutOfRange_IsRejected(ushort status)
    {
        byte[] payload = new Values(200, [], 0, 0, [], []).Write();
        Assert.True(ResponseHead.TryRead(payload, out _));
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(16), status);
        Assert.False(ResponseHead.TryRead(payload, out _));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(long.MinValue)]
    public void TryRead_NegativeLength_IsRejected(long length)
    {
        byte[] payload = new Values(200, [], 0, 0, [], []).Write();
        ResponseHead.SetContentLength(payload, length);
        Assert.False(ResponseHead.TryRead(payload, out _));
    }

    [Fact]
    public void TryRead_NegativeServiceTime_IsRejected()
    {
        byte[] payload = new Values(200, [], 0, 0, [], []).Write();
        ResponseHead.SetServiceTime(payload, -1);
        Assert.False(ResponseHead.TryRead(payload, out _));
    }

    [Fact]
    public void Write_ReasonTooLong_IsCut()
    {
        byte[] reason = Enumerable.Repeat((byte)'x', 300).ToArray();
        Assert.True(ResponseHead.TryRead(new Values(200, reason, 0, 0, [], []).Write(), out ResponseHead head));
        Assert.Equal(reason.AsSpan(0, 255), head.Reason);
    }

    private static void Inspect(byte[] payload)
    {
        if (!ResponseHead.TryRead(payload, out ResponseHead head))
        {
            return;
        }

        Assert.Equal(payload.Length, ResponseHead.FixedSize + head.Reason.Length + head.Headers.Bytes.Length + head.Body.Length);
        Assert.InRange(head.Status, 100, 999);
        Assert.InRange(head.ContentLength, -1, long.MaxValue);
        Assert.InRange(head.ServiceTime, 0, long.MaxValue);
    }

    private sealed record Values(int Status, byte[] Reason, long ContentLength, long ServiceTime, (byte[] Name, byte[] Value)[] Fields, byte[] Body)
    {
        public byte[] Write()
        {
            byte[] headers = Generate.HeaderBlockBytes(Fields);
            var payload = new byte[ResponseHead.FixedSize + Reason.Length + headers.Length + Body.Length];
            int length = ResponseHead.Write(payload, Status, Reason, ContentLength);
            ResponseHead.SetServiceTime(payload, ServiceTime);
            headers.CopyTo(payload, length);
            Body.CopyTo(payload, length + headers.Length);
            return payload[..(length + headers.Length + Body.Length)];
        }
    }
}
