using System.Buffers;
using System.Text;
using CsCheck;
using Darter.Server.Protocols;
using Darter.Server.Protocols.Scgi;
using Darter.Server.Protocols.Uwsgi;

namespace Darter.Server.Tests.Protocols;

/// <summary>The heads of uwsgi and SCGI.</summary>
public class HeadFormatTests
{
    private static readonly UwsgiFormat Uwsgi = new();
    private static readonly ScgiFormat Scgi = new();

    // The example of the specification.
    private const string ScgiExample = "70:CONTENT_LENGTH\027\0SCGI\01\0REQUEST_METHOD\0POST\0REQUEST_URI\0/deepthought\0,What is the answer to life?";

    [Fact]
    public void Scgi_TheExampleOfTheSpecification_IsRead()
    {
        byte[] bytes = Encoding.Latin1.GetBytes(ScgiExample);
        CgiRequest request = new();
        Assert.Equal(HeadStatus.Complete, Scgi.Find(new ReadOnlySequence<byte>(bytes), out int start, out int length, out int end, out _));
        Assert.Null(Scgi.Read(bytes.AsSpan(start, length), request));
        Assert.Equal(27, request.ContentLength);
        Assert.Equal("POST", request.Method);
        Assert.Equal("What is the answer to life?", Encoding.Latin1.GetString(bytes, end, bytes.Length - end));
    }

    [Fact]
    public void Find_OfAnyBeginning_NeedsMore() =>
        Gen.Select(Gateway.Any, Gen.Bool).Sample(
            (variables, isScgi) =>
            {
                IHeadFormat format = isScgi ? Scgi : Uwsgi;
                byte[] head = isScgi ? Gateway.Scgi(variables) : Gateway.Uwsgi(variables);
                for (int count = 0; count < head.Length; count++)
                {
                    Assert.Equal(HeadStatus.NeedMore, format.Find(new ReadOnlySequence<byte>(head, 0, count), out _, out _, out _, out _));
                }

                byte[] more = [.. head, .. "body"u8];
                Assert.Equal(HeadStatus.Complete, format.Find(new ReadOnlySequence<byte>(more), out int start, out int length, out int end, out _));
                Assert.Equal(head.Length, end);
                Assert.InRange(start + length, start, end);
            },
            iter: 100);

    [Fact]
    public void FindAndRead_OfAnyBytes_NeverThrow() =>
        Gen.Select(Gen.OneOf(Gen.Byte, Gen.Byte[0, 3], Gen.Byte[(byte)'0', (byte)':']).Array[0, 100], Gen.Bool).Sample((bytes, isScgi) =>
        {
            IHeadFormat format = isScgi ? Scgi : Uwsgi;
            HeadStatus status = format.Find(new ReadOnlySequence<byte>(bytes), out int start, out int length, out int end, out string? cause);
            Assert.Equal(status is HeadStatus.Malformed or HeadStatus.Unsupported, cause is not null);
            if (status == HeadStatus.Complete)
            {
                Assert.InRange(end, 0, bytes.Length);
                _ = format.Read(bytes.AsSpan(start, length), new CgiRequest());
            }

            _ = format.Read(bytes, new CgiRequest());
        });

    [Theory]
    [InlineData("a")]
    [InlineData(":")]
    [InlineData("01:x,")]
    [InlineData("1:xy")]
    [InlineData("65536:")]
    [InlineData("123456")]
    [InlineData("GET / HTTP/1.1")]
    public void Scgi_WhatIsNoNetstring_IsMalformed(string text) =>
        Assert.Equal(HeadStatus.Malformed, Scgi.Find(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text)), out _, out _, out _, out _));

    [Theory]
    [InlineData("", "no variables")]
    [InlineData("SCGI|1|CONTENT_LENGTH|0|", "first")]
    [InlineData("CONTENT_LENGTH||SCGI|1|", "first")]
    [InlineData("CONTENT_LENGTH|0|", "SCGI=1")]
    [InlineData("CONTENT_LENGTH|0|SCGI|2|", "SCGI=1")]
    [InlineData("CONTENT_LENGTH|0|SCGI|1|X|", "NUL")]
    [InlineData("CONTENT_LENGTH|0|SCGI|1|X|y", "NUL")]
    public void Scgi_WhatIsNotAsSpecified_IsSaid(string text, string cause) =>
        Assert.Contains(cause, Scgi.Read(Encoding.Latin1.GetBytes(text.Replace('|', '\0')), new CgiRequest()), StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(100, 0)]
    public void Uwsgi_WithModifiers_IsNotSupported(byte modifier1, byte modifier2) =>
        Assert.Equal(HeadStatus.Unsupported, Uwsgi.Find(new ReadOnlySequence<byte>(Gateway.Uwsgi([], modifier1, modifier2)), out _, out _, out _, out _));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("P")]
    public void Uwsgi_WhatIsHttp_IsMalformed(string text) =>
        Assert.Equal(HeadStatus.Malformed, Uwsgi.Find(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text)), out _, out _, out _, out _));

    [Theory]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 2, 0, 65 })]
    [InlineData(new byte[] { 1, 0, 65 })]
    [InlineData(new byte[] { 1, 0, 65, 1, 0 })]
    public void Uwsgi_WithLengthsThatDoNotAddUp_IsSaid(byte[] variables) =>
        Assert.Contains("add up", Uwsgi.Read(variables, new CgiRequest()), StringComparison.Ordinal);
}
