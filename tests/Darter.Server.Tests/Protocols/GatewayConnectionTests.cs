using System.Text;
using CsCheck;
using Darter.Server.Configuration;

namespace Darter.Server.Tests.Protocols;

/// <summary>Whole connections of each gateway protocol.</summary>
public class GatewayConnectionTests
{
    private static readonly byte[] End = [1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static TheoryData<ListenerProtocol> Protocols => [ListenerProtocol.Uwsgi, ListenerProtocol.FastCgi, ListenerProtocol.Scgi];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Request_InAnyParts_HasTheSameAnswer(ListenerProtocol protocol)
    {
        using GatewayHarness harness = new();
        await Gen.Select(Gen.Byte.Array[0, 2000], Gen.Int[0, 2500].Array[0, 6], Gen.Byte).SampleAsync(
            async (body, cuts, padding) =>
            {
                byte[] request = Request(protocol, Gateway.Variables(body.Length), body, padding);
                (byte[] received, bool wasReset) = await harness.TalkAsync(protocol, Cut(request, cuts));
                Assert.Equal(Response(protocol, EchoApplication.Answer("POST", "/a%20b?c=d", body)), Encoding.Latin1.GetString(received));
                Assert.False(wasReset);
            },
            iter: 100);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Connection_OfAnyBytes_Ends(ListenerProtocol protocol)
    {
        using GatewayHarness harness = new();
        byte[] valid = Request(protocol, Gateway.Variables(20), new byte[20], 3);
        await Gen.Select(Gen.OneOf(Gen.Byte, Gen.Byte[0, 3]).Array[0, 100], Gen.Int[0, valid.Length], Gen.Bool).SampleAsync(
            async (bytes, at, isWithin) =>
            {
                byte[] sent = isWithin ? [.. valid[..at], .. bytes, .. valid[at..]] : bytes;
                _ = await harness.TalkAsync(protocol, [sent]);
            },
            iter: 300);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Body_OfManyPieces_ComesThrough(ListenerProtocol protocol)
    {
        using GatewayHarness harness = new();
        byte[] body = new byte[1_000_000];
        new Random(7).NextBytes(body);
        (byte[] received, _) = await harness.TalkAsync(protocol, Request(protocol, Gateway.Variables(body.Length), body, 0).Chunk(50_000));
        Assert.Contains(EchoApplication.Answer("POST", "/a%20b?c=d", body), Encoding.Latin1.GetString(received), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Body_ThatEndsEarly_IsABadRequest(ListenerProtocol protocol)
    {
        using GatewayHarness harness = new();
        byte[] request = Request(protocol, Gateway.Variables(30), new byte[20], 0);
        (byte[] received, _) = await harness.TalkAsync(protocol, [request]);
        Assert.Contains(" 400 Bad Request\r\n", Encoding.Latin1.GetString(received), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Response_ToHead_HasNoBody(ListenerProtocol protocol)
    {
        using GatewayHarness harness = new();
        (byte[] received, _) = await harness.TalkAsync(protocol, [Request(protocol, Gateway.Variables(0, "HEAD", "/x"), [], 0)]);
        Assert.Equal(Response(protocol, ""), Encoding.Latin1.GetString(received));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Response_OfAnApplicationThatThrows_Is500(ListenerProtocol protocol)
    {
        using GatewayHarness harness = new();
        (byte[] received, bool wasReset) = await harness.TalkAsync(protocol, [Request(protocol, Gateway.Variables(0, "GET", "/throw"), [], 0)]);
        Assert.Contains(" 500 Internal Server Error\r\n", Encoding.Latin1.GetString(received), StringComparison.Ordinal);
        Assert.False(wasReset);
    }

    [Theory]
    [MemberData(nameof(BrokenResponses))]
    public async Task Response_ThatIsNotWhole_ResetsTheConnection(ListenerProtocol protocol, string target)
    {
        using GatewayHarness harness = new();
        (byte[] received, bool wasReset) = await harness.TalkAsync(protocol, [Request(protocol, Gateway.Variables(0, "GET", target), [], 0)], ends: false);
        Assert.True(wasReset);
        Assert.False(received.AsSpan().EndsWith(End));
    }

    public static MatrixTheoryData<ListenerProtocol, string> BrokenResponses =>
        new([ListenerProtocol.Uwsgi, ListenerProtocol.FastCgi, ListenerProtocol.Scgi], ["/break", "/short"]);

    [Fact]
    public async Task Uwsgi_WithAModifier_IsAnswered501()
    {
        using GatewayHarness harness = new();
        (byte[] received, _) = await harness.TalkAsync(ListenerProtocol.Uwsgi, [Gateway.Uwsgi(Gateway.Variables(0), 5)]);
        Assert.StartsWith("HTTP/1.1 501 Not Implemented\r\n", Encoding.Latin1.GetString(received), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ListenerProtocol.Uwsgi)]
    [InlineData(ListenerProtocol.Scgi)]
    public async Task Connection_ThatStaysSilentWithinAHead_IsClosed(ListenerProtocol protocol)
    {
        // FastCGI goes by the server's heartbeat.
        using GatewayHarness harness = new(config => config with { RequestHeaderTimeout = TimeSpan.FromMilliseconds(1) });
        (byte[] received, _) = await harness.TalkAsync(protocol, [Request(protocol, Gateway.Variables(0), [], 0)[..5]], ends: false);
        Assert.Empty(received);
    }

    internal static byte[] Request(ListenerProtocol protocol, (string Name, string Value)[] variables, byte[] body, byte padding) => protocol switch
    {
        ListenerProtocol.Uwsgi => [.. Gateway.Uwsgi(variables), .. body],
        ListenerProtocol.Scgi => [.. Gateway.Scgi(variables), .. body],
        _ => Gateway.FastCgi(1, keeps: false, variables, body, padding),
    };

    internal static string Response(ListenerProtocol protocol, string body)
    {
        string text = $"{(protocol == ListenerProtocol.Uwsgi ? "HTTP/1.1" : "Status:")} 200 OK\r\n\r\n{body}";
        return protocol != ListenerProtocol.FastCgi
            ? text
            : Encoding.Latin1.GetString([.. Gateway.Record(6, 1, Encoding.Latin1.GetBytes(text)), .. Gateway.Record(6, 1), .. End]);
    }

    private static List<byte[]> Cut(byte[] bytes, int[] cuts)
    {
        List<byte[]> parts = [];
        int from = 0;
        foreach (int cut in cuts.Select(cut => cut % (bytes.Length + 1)).Order())
        {
            parts.Add(bytes[from..cut]);
            from = cut;
        }

        parts.Add(bytes[from..]);
        return parts;
    }
}
