using System.Net;
using CsCheck;
using Darter.Server.Proxies;

namespace Darter.Server.Tests.Proxies;

public sealed class TrustedAddressesTests
{
    [Theory]
    [InlineData("127.0.0.1,::1", "127.0.0.1", true)]
    [InlineData("127.0.0.1,::1", "::1", true)]
    [InlineData("127.0.0.1,::1", "127.0.0.2", false)]
    [InlineData(" 10.0.0.0/8 , 192.0.2.1", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", true)]
    [InlineData("2001:db8::/32", "2001:db8:1::5", true)]
    [InlineData("2001:db8::/32", "2001:db9::5", false)]
    [InlineData("*", "203.0.113.9", true)]
    [InlineData("", "127.0.0.1", false)]
    public void Contains_AnAddress_AsTheListHasIt(string list, string address, bool expected)
    {
        Assert.True(TrustedAddresses.TryParse(list, out TrustedAddresses? addresses, out _));
        Assert.Equal(expected, addresses.Contains(IPAddress.Parse(address)));
        Assert.True(addresses.Contains((IPAddress?)null));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0/8")]
    [InlineData("0x7f.1")]
    [InlineData("127.1")]
    [InlineData("1")]
    [InlineData("010.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%eth0")]
    [InlineData("127.0.0.1 ::1")]
    public void TryParse_OfWhatIsNoAddress_IsRefused(string list)
    {
        Assert.False(TrustedAddresses.TryParse(list, out _, out string? error));
        Assert.Contains(list, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Contains_OfAnyNetwork_IsThePrefix() =>
        Gen.Select(Gen.UInt, Gen.Int[0, 32], Gen.UInt).Sample((network, prefix, address) =>
        {
            uint mask = prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);
            Assert.True(TrustedAddresses.TryParse($"{Ip(network & mask)}/{prefix}", out TrustedAddresses? list, out _));
            Assert.Equal((address & mask) == (network & mask), list.Contains(Ip(address)));
        });

    private static IPAddress Ip(uint bits) => new([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);
}
