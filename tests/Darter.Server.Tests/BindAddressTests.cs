using System.Net;
using System.Net.Sockets;
using CsCheck;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Connections;

namespace Darter.Server.Tests;

public class BindAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("0.0.0.0", "0.0.0.0:8000")]
    [InlineData("8001", "127.0.0.1:8001")]
    [InlineData(":80", "0.0.0.0:80")]
    [InlineData("*:80", "0.0.0.0:80")]
    [InlineData("[::1]:443", "[::1]:443")]
    [InlineData("[::]", "[::]:8000")]
    [InlineData("http://127.0.0.1:5000/", "127.0.0.1:5000")]
    [InlineData("127.0.0.1:0", "127.0.0.1:0")]
    public void TryParse_OfAnAddress_FindsHostAndPort(string text, string expected)
    {
        Assert.True(BindAddress.TryParse(text, out BindAddress? address, out _));
        Assert.Equal(expected, Assert.Single(address.EndPoints).ToString());
    }

    [Theory]
    [InlineData("unix:/run/app.sock", "/run/app.sock")]
    [InlineData("unix:///run/app.sock", "/run/app.sock")]
    public void TryParse_OfAPath_MakesAUnixSocket(string text, string expected)
    {
        Assert.True(BindAddress.TryParse(text, out BindAddress? address, out _));
        Assert.Equal(expected, Assert.IsType<UnixDomainSocketEndPoint>(Assert.Single(address.EndPoints)).ToString());
    }

    [Theory]
    [InlineData("unix:/run/app.sock?mode=660", "/run/app.sock", (UnixFileMode)0x1B0, null, null)]
    [InlineData("unix:/run/app.sock?mode=0600&user=0&group=7", "/run/app.sock", (UnixFileMode)0x180, 0u, 7u)]
    [InlineData("unix:/run/app.sock?user=root", "/run/app.sock", null, 0u, null)]
    [InlineData("unix:/run/what?", "/run/what?", null, null, null)]
    public void TryParse_OfAPathWithAccess_ReadsIt(string text, string path, UnixFileMode? mode, uint? user, uint? group)
    {
        Assert.True(BindAddress.TryParse(text, out BindAddress? address, out _));
        Assert.Equal(path, Assert.Single(address.EndPoints).ToString());
        Assert.Equal((mode, user, group), (address.Access?.Mode, address.Access?.User, address.Access?.Group));
    }

    [Theory]
    [InlineData("uwsgi://127.0.0.1:3031", ListenerProtocol.Uwsgi, "127.0.0.1:3031")]
    [InlineData("uwsgi:3031", ListenerProtocol.Uwsgi, "127.0.0.1:3031")]
    [InlineData("uwsgi:unix:/run/app.sock?mode=660", ListenerProtocol.Uwsgi, "/run/app.sock")]
    [InlineData("FastCGI://[::1]:9000/", ListenerProtocol.FastCgi, "[::1]:9000")]
    [InlineData("fastcgi:unix:/run/app.sock", ListenerProtocol.FastCgi, "/run/app.sock")]
    [InlineData("scgi://:4000", ListenerProtocol.Scgi, "0.0.0.0:4000")]
    [InlineData("unix:/run/uwsgi:x.sock", ListenerProtocol.Http, "/run/uwsgi:x.sock")]
    [InlineData("http://127.0.0.1:80", ListenerProtocol.Http, "127.0.0.1:80")]
    [InlineData("http:unix:/run/app.sock", ListenerProtocol.Http, "/run/app.sock")]
    [InlineData("https://:8443", ListenerProtocol.Http, "0.0.0.0:8443")]
    [InlineData("https://127.0.0.1", ListenerProtocol.Http, "127.0.0.1:443")]
    [InlineData("https://[::1]/", ListenerProtocol.Http, "[::1]:443")]
    [InlineData("HTTPS:unix:/run/app.sock", ListenerProtocol.Http, "/run/app.sock")]
    public void TryParse_WithAProtocol_FindsItAndTheAddress(string text, ListenerProtocol protocol, string expected)
    {
        Assert.True(BindAddress.TryParse(text, out BindAddress? address, out _));
        Assert.Equal((protocol, text), (address.Protocol, address.Text));
        Assert.Equal(expected, Assert.Single(address.EndPoints).ToString());
    }

    [Theory]
    [InlineData("127.0.0.1:80", null, true)]
    [InlineData("http://127.0.0.1:80", false, true)]
    [InlineData("https://127.0.0.1:80", true, false)]
    [InlineData("uwsgi://127.0.0.1:80", null, false)]
    [InlineData("unix:/run/https:x.sock", null, true)]
    public void TryParse_WithAScheme_SaysWhetherItIsHttps(string text, bool? isTls, bool isPlain)
    {
        Assert.True(BindAddress.TryParse(text, out BindAddress? address, out _));
        Assert.Equal((isTls, isPlain), (address.IsTls, address.IsPlain));
    }

    [Theory]
    [InlineData("https://")]
    [InlineData("https:unix:")]
    [InlineData("http:https://127.0.0.1")]
    [InlineData("uwsgi:")]
    [InlineData("uwsgi://")]
    [InlineData("uwsgi:http://127.0.0.1:80")]
    [InlineData("uwsgi:scgi:80")]
    [InlineData("scgi:unix:")]
    public void TryParse_WithAProtocolAndNoAddress_IsAnError(string text)
    {
        Assert.False(BindAddress.TryParse(text, out _, out string? error));
        Assert.Contains(text, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_OfADescriptor_IsThatDescriptor()
    {
        Assert.True(BindAddress.TryParse("fd://7", out BindAddress? address, out _));
        Assert.Equal(7ul, Assert.IsType<FileHandleEndPoint>(Assert.Single(address.EndPoints)).FileHandle);
    }

    [Fact]
    public void TryParse_OfLocalhost_IsBothLoopbackAddresses()
    {
        Assert.True(BindAddress.TryParse("localhost:8000", out BindAddress? address, out _));
        Assert.Contains(new IPEndPoint(IPAddress.Loopback, 8000), address.EndPoints);
        Assert.All(address.EndPoints, endPoint => Assert.True(IPAddress.IsLoopback(((IPEndPoint)endPoint).Address)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:port")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("::1:80")]
    [InlineData("[::1")]
    [InlineData("[nonsense]:80")]
    [InlineData("unix:")]
    [InlineData("unix:?mode=600")]
    [InlineData("unix:/run/app.sock?mode=abc")]
    [InlineData("unix:/run/app.sock?mode=1777")]
    [InlineData("unix:/run/app.sock?colour=red")]
    [InlineData("fd://")]
    [InlineData("fd://x")]
    public void TryParse_OfNonsense_NamesIt(string text)
    {
        Assert.False(BindAddress.TryParse(text, out _, out string? error));
        Assert.Contains(text, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_OfALongPath_SaysSo()
    {
        Assert.False(BindAddress.TryParse("unix:/" + new string('x', 200), out _, out string? error));
        Assert.Contains("too long", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_OfAnything_NeverThrows() =>
        Gen.String[Gen.Char["0123456789.:[]/*unix"], 0, 12].Sample(text =>
        {
            bool parsed = BindAddress.TryParse(text, out BindAddress? address, out string? error);
            return parsed == (address is not null) && parsed == (error is null);
        });
}
