using System.Text;
using CsCheck;
using Darter.Server.Configuration;
using Darter.Server.Protocols;
using Darter.Wire;

namespace Darter.Server.Tests.Protocols;

public class CgiRequestTests
{
    private static readonly ServerConfig Config = new() { Binds = [BindAddress.Inherited(3)] };

    [Fact]
    public void Complete_OfVariables_IsTheRequest()
    {
        CgiRequest request = Read(
            [.. Gateway.Variables(7), ("HTTP_X_OWN", " v "), ("HTTP_TRANSFER_ENCODING", "chunked"), ("HTTP_CONNECTION", "x"), ("HTTP_CONTENT_LENGTH", "9"), ("CONTENT_TYPE", "text/x"), ("OWN", "1"), ("wsgi.input", "2")]);
        Assert.Equal(("POST", "/a%20b?c=d", "HTTP/1.1", 7L), (request.Method, request.Target, request.Protocol, request.ContentLength));
        Assert.Equal(("203.0.113.9", 4711), (request.RemoteAddress!.ToString(), request.RemotePort));
        Assert.Equal(["host", "x-own", "content-type", "Content-Length"], request.Headers.Keys);
        Assert.Equal("v", request.Headers["X-Own"]);
        Assert.Equal(["SCGI=1", "OWN=1"], Variables(request));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https", "HTTPS=on")]
    [InlineData("https", "HTTPS=ON")]
    [InlineData("https", "HTTPS=1")]
    [InlineData("http", "HTTPS=off", "REQUEST_SCHEME=https")]
    [InlineData("https", "HTTPS=", "REQUEST_SCHEME=https")]
    [InlineData("http", "HTTPS=on", "UWSGI_SCHEME=http")]
    [InlineData("https", "UWSGI_SCHEME=https")]
    public void Scheme_OfVariables_IsAsInUwsgi(string scheme, params string[] variables) =>
        Assert.Equal(scheme, Read([.. Gateway.Variables(0), .. variables.Select(text => (text.Split('=')[0], text.Split('=')[1]))]).Scheme);

    [Theory]
    [InlineData("HTTP/1.0", "HTTP/1.0")]
    [InlineData("HTTP/2.0", "HTTP/2")]
    [InlineData("HTTP/3.0", "HTTP/3")]
    [InlineData("INCLUDED", "HTTP/1.1")]
    public void Protocol_OfAServer_IsOneOfHttp(string said, string protocol) =>
        Assert.Equal(protocol, Read([.. Gateway.Variables(0), ("SERVER_PROTOCOL", said)]).Protocol);

    [Fact]
    public void Add_OfANameASecondTime_Replaces()
    {
        CgiRequest request = Read([.. Gateway.Variables(0), ("REMOTE_ADDR", "192.0.2.1"), ("HTTP_HOST", "other"), ("REQUEST_URI", "/z")]);
        Assert.Equal(("192.0.2.1", "other", "/z"), (request.RemoteAddress!.ToString(), request.Headers.Host.ToString(), request.Target));
    }

    [Fact]
    public void Complete_WithAMount_HasItAmongTheVariables()
    {
        CgiRequest request = Read([.. Gateway.Variables(0, target: "/m/x"), ("SCRIPT_NAME", "/m"), ("PATH_INFO", "/x")]);
        Assert.True(request.HasScriptName);
        Assert.Equal(["SCGI=1", "SCRIPT_NAME=/m"], Variables(request));
    }

    [Theory]
    [InlineData("REQUEST_METHOD", "G ET", "REQUEST_METHOD")]
    [InlineData("REQUEST_METHOD", "", "REQUEST_METHOD")]
    [InlineData("CONTENT_LENGTH", "-1", "CONTENT_LENGTH")]
    [InlineData("CONTENT_LENGTH", "1x", "CONTENT_LENGTH")]
    [InlineData("CONTENT_LENGTH", "1234567890123456789", "CONTENT_LENGTH")]
    [InlineData("CONTENT_LENGTH", "8", "contradicts")]
    [InlineData("PATH_INFO", "x", "slash")]
    [InlineData("HTTP_X", "a\r\nb", "line break")]
    [InlineData("REQUEST_URI", "/\0", "NUL")]
    [InlineData("a b", "", "name")]
    [InlineData("", "", "name")]
    public void Add_OfWhatCannotBe_SaysSo(string name, string value, string cause)
    {
        CgiRequest request = Read(Gateway.Variables(7));
        Assert.Contains(cause, request.Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("REQUEST_URI", "/x", "REQUEST_METHOD")]
    [InlineData("REQUEST_METHOD", "GET", "REQUEST_URI")]
    public void Complete_WithoutWhatIsNeeded_SaysSo(string name, string value, string cause)
    {
        CgiRequest request = new();
        Assert.Null(request.Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)));
        Assert.Contains(cause, request.Complete(Config), StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_BeyondALimit_IsRefused()
    {
        Assert.Equal(414, Read(Gateway.Variables(0, target: "/" + new string('x', 8190))).Refusal);
        Assert.Equal(431, Read([.. Gateway.Variables(0), .. Enumerable.Range(0, 100).Select(i => ($"HTTP_X{i}", "v"))]).Refusal);
        Assert.Equal(431, Read([.. Gateway.Variables(0), ("HTTP_X", new string('x', 33_000))]).Refusal);
        Assert.Equal(0, Read([.. Gateway.Variables(0), .. Enumerable.Range(0, 98).Select(i => ($"HTTP_X{i}", "v"))]).Refusal);
    }

    [Fact]
    public void Add_OfAnything_NeverThrows() => Gateway.Any.Sample(variables =>
    {
        CgiRequest request = new();
        foreach ((string name, string value) in variables)
        {
            if (request.Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)) is not null)
            {
                return;
            }
        }

        if (request.Complete(Config) is null)
        {
            Assert.NotEqual("", request.Method);
            Assert.NotEqual("", request.Target);
            _ = Variables(request);
        }
    });

    private static CgiRequest Read((string Name, string Value)[] variables)
    {
        CgiRequest request = new();
        foreach ((string name, string value) in variables)
        {
            Assert.Null(request.Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)));
        }

        Assert.Null(request.Complete(Config));
        return request;
    }

    private static List<string> Variables(CgiRequest request)
    {
        List<string> variables = [];
        byte[] block = [(byte)request.VariableCount, (byte)(request.VariableCount >> 8), .. request.Variables.Span];
        Assert.True(HeaderBlock.TryRead(block, out HeaderBlock read, out ReadOnlySpan<byte> rest));
        Assert.True(rest.IsEmpty);
        foreach (HeaderBlock.Field field in read)
        {
            variables.Add($"{Encoding.Latin1.GetString(field.Name)}={Encoding.Latin1.GetString(field.Value)}");
        }

        return variables;
    }
}
