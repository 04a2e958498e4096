using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using Darter.Server.Configuration;
using Darter.Server.Proxies;

namespace Darter.Server.Tests.Proxies;

public sealed class ProxyHeaderTests
{
    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    private static readonly Gen<IPEndPoint> Inet4 = Gen.Select(Gen.Byte.Array[4], Gen.UShort, (bytes, port) => new IPEndPoint(new IPAddress(bytes), port));

    private static readonly Gen<IPEndPoint> Inet6 = Gen.Select(Gen.Byte.Array[16], Gen.UShort, (bytes, port) => new IPEndPoint(new IPAddress(bytes), port))
        .Where(endPoint => !endPoint.Address.IsIPv4MappedToIPv6);

    private static readonly Gen<(IPEndPoint Client, IPEndPoint Server)> Pairs = Gen.OneOf(
        Gen.Select(Inet4, Inet4), Gen.Select(Inet6, Inet6));

    [Fact]
    public void TryRead_AnyLine_HasItsAddressesAndIsIncompleteBeforeItsEnd() =>
        Pairs.Sample(pair => Check(Line(pair.Client, pair.Server), pair.Client, pair.Server, ProxyProtocol.V1, ProxyProtocol.V2));

    [Fact]
    public void TryRead_AnyBinaryHeader_HasItsAddressesAndIsIncompleteBeforeItsEnd() =>
        Gen.Select(Pairs, Gen.Byte.Array[0, 300]).Sample((pair, more) =>
            Check(Binary(0x21, pair.Client, pair.Server, more), pair.Client, pair.Server, ProxyProtocol.V2, ProxyProtocol.V1));

    [Fact]
    public void TryRead_AnyBytes_EndsWithAnAnswer() =>
        Gen.Select(
            Gen.OneOf(Gen.Const(Array.Empty<byte>()), Gen.Const(Signature), Gen.Const("PROXY "u8.ToArray()), Gen.Const("PROXY TCP4 "u8.ToArray())),
            Gen.Byte.Array[0, 300]).Sample((beginning, rest) =>
        {
            byte[] bytes = [.. beginning, .. rest];
            ProxyHeaderStatus status = ProxyHeader.TryRead(bytes, ProxyProtocol.Auto, out ProxyHeader header);
            Assert.True(status != ProxyHeaderStatus.Complete || header.Length <= bytes.Length);
            Assert.True(beginning.Length == 0 || status != ProxyHeaderStatus.None);
        });

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")]
    public void TryRead_OfAnUnknownClient_KeepsTheConnectionsAddresses(string line)
    {
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryRead(Encoding.Latin1.GetBytes(line), ProxyProtocol.V1, out ProxyHeader header));
        Assert.Equal(new ProxyHeader(null, null, line.Length), header);
    }

    [Theory]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 -2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP4 ::1 ::2 1 2\r\n")]
    [InlineData("PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY \r\n")]
    public void TryRead_OfALineThatBreaksTheRules_IsMalformed(string line) =>
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.TryRead(Encoding.Latin1.GetBytes(line), ProxyProtocol.Auto, out _));

    [Fact]
    public void TryRead_OfALineWithoutEnd_IsMalformedAtItsGreatestLength()
    {
        byte[] line = Encoding.Latin1.GetBytes("PROXY UNKNOWN " + new string('x', 200));
        Assert.Equal(ProxyHeaderStatus.NeedMore, ProxyHeader.TryRead(line.AsSpan(0, 106), ProxyProtocol.Auto, out _));
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.TryRead(line.AsSpan(0, 107), ProxyProtocol.Auto, out _));
    }

    [Theory]
    [InlineData(0x20, 0x00, 0)]
    [InlineData(0x20, 0x11, 12)]
    [InlineData(0x20, 0xFF, 3)]
    [InlineData(0x21, 0x00, 7)]
    public void TryRead_OfABinaryHeaderWithoutClient_KeepsTheConnectionsAddresses(byte command, byte family, int length)
    {
        byte[] bytes = Binary(command, family, new byte[length]);
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryRead(bytes, ProxyProtocol.V2, out ProxyHeader header));
        Assert.Equal(new ProxyHeader(null, null, bytes.Length), header);
    }

    [Theory]
    [InlineData(0x11, 0x11, 12)]
    [InlineData(0x31, 0x11, 12)]
    [InlineData(0x22, 0x11, 12)]
    [InlineData(0x21, 0x11, 11)]
    [InlineData(0x21, 0x21, 35)]
    [InlineData(0x21, 0x31, 215)]
    [InlineData(0x21, 0x12, 12)]
    [InlineData(0x21, 0x32, 216)]
    [InlineData(0x21, 0x41, 216)]
    public void TryRead_OfABinaryHeaderThatBreaksTheRules_IsMalformed(byte command, byte family, int length) =>
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.TryRead(Binary(command, family, new byte[length]), ProxyProtocol.Auto, out _));

    [Fact]
    public void TryRead_OfUnixSockets_HasTheirPaths()
    {
        byte[] addresses = new byte[216];
        "/run/client"u8.CopyTo(addresses);
        "/run/server"u8.CopyTo(addresses.AsSpan(108));
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryRead(Binary(0x21, 0x31, addresses), ProxyProtocol.V2, out ProxyHeader header));
        Assert.Equal("/run/client", Assert.IsType<UnixDomainSocketEndPoint>(header.Client).ToString());
        Assert.Equal("/run/server", Assert.IsType<UnixDomainSocketEndPoint>(header.Server).ToString());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    [InlineData("PROXYING")]
    public void TryRead_OfAnotherProtocol_IsNone(string text) =>
        Assert.Equal(ProxyHeaderStatus.None, ProxyHeader.TryRead(Encoding.Latin1.GetBytes(text), ProxyProtocol.Auto, out _));

    private static void Check(byte[] bytes, IPEndPoint client, IPEndPoint server, ProxyProtocol version, ProxyProtocol other)
    {
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(ProxyHeaderStatus.NeedMore, ProxyHeader.TryRead(bytes.AsSpan(0, length), version, out _));
        }

        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryRead([.. bytes, .. "GET "u8], ProxyProtocol.Auto, out ProxyHeader header));
        Assert.Equal(new ProxyHeader(client, server, bytes.Length), header);
        Assert.Equal(ProxyHeaderStatus.None, ProxyHeader.TryRead(bytes, other, out _));
    }

    private static byte[] Line(IPEndPoint client, IPEndPoint server)
    {
        string family = client.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6";
        return Encoding.ASCII.GetBytes($"PROXY {family} {client.Address} {server.Address} {client.Port} {server.Port}\r\n");
    }

    private static byte[] Binary(byte command, IPEndPoint client, IPEndPoint server, byte[] more)
    {
        byte[] ports = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(ports, (ushort)client.Port);
        BinaryPrimitives.WriteUInt16BigEndian(ports.AsSpan(2), (ushort)server.Port);
        byte family = (byte)(client.AddressFamily == AddressFamily.InterNetwork ? 0x11 : 0x21);
        return Binary(command, family, [.. client.Address.GetAddressBytes(), .. server.Address.GetAddressBytes(), .. ports, .. more]);
    }

    private static byte[] Binary(byte command, byte family, byte[] rest) =>
        [.. Signature, command, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
