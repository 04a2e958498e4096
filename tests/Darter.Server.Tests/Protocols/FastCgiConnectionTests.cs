using System.Text;
using Darter.Server.Configuration;
using Darter.Testing;

namespace Darter.Server.Tests.Protocols;

/// <summary>What FastCGI has and the other protocols do not.</summary>
public class FastCgiConnectionTests
{
    private const ListenerProtocol FastCgi = ListenerProtocol.FastCgi;

    [Fact]
    public async Task Connection_ThatIsKept_TakesOneRequestAfterAnother()
    {
        using GatewayHarness harness = new();
        await using GatewayHarness.MemoryConnection connection = harness.Open(FastCgi);
        for (ushort i = 1; i <= 3; i++)
        {
            await connection.WriteAsync(Gateway.FastCgi(i, keeps: true, Gateway.Variables(0, "GET", $"/{i}"), []));
            byte[] received = await connection.ReadAsync(Ended(i, 0).Length + 20);
            Assert.Contains($"GET /{i} 0", Encoding.Latin1.GetString(received), StringComparison.Ordinal);
        }

        await connection.WriteAsync(Gateway.FastCgi(1, keeps: false, Gateway.Variables(0, "GET", "/last"), []));
        Assert.Contains("GET /last 0", Encoding.Latin1.GetString(await connection.ReadToEndAsync()), StringComparison.Ordinal);
        Assert.False(connection.WasReset);
    }

    [Fact]
    public async Task Requests_AtATime_AreToldApartByTheirIds()
    {
        using GatewayHarness harness = new();
        byte[][] requests =
        [
            Gateway.Begin(1, keeps: true), Gateway.Begin(258, keeps: false),
            Gateway.Record(4, 258, Gateway.Pairs(Gateway.Variables(4, target: "/two"))), Gateway.Record(4, 1, Gateway.Pairs(Gateway.Variables(3, target: "/one"))),
            Gateway.Record(4, 1), Gateway.Record(5, 1, "a"u8), Gateway.Record(4, 258), Gateway.Record(5, 258, "wx"u8), Gateway.Record(5, 1, "bc"u8),
            Gateway.Record(5, 258, "yz"u8), Gateway.Record(5, 258), Gateway.Record(5, 1),
        ];
        (byte[] received, bool wasReset) = await harness.TalkAsync(FastCgi, requests, ends: false);
        string text = Encoding.Latin1.GetString(received);
        Assert.Contains(EchoApplication.Answer("POST", "/one", "abc"u8), text, StringComparison.Ordinal);
        Assert.Contains(EchoApplication.Answer("POST", "/two", "wxyz"u8), text, StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Ended(1, 0)), text, StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Ended(258, 0)), text, StringComparison.Ordinal);
        Assert.False(wasReset);
    }

    [Fact]
    public async Task Body_WithoutALength_EndsWithItsStream()
    {
        using GatewayHarness harness = new();
        (string, string)[] variables = [.. Gateway.Variables(0).Skip(1)];
        (byte[] received, _) = await harness.TalkAsync(FastCgi, [Gateway.FastCgi(1, keeps: false, variables, "abc"u8)]);
        Assert.Contains(EchoApplication.Answer("POST", "/a%20b?c=d", "abc"u8), Encoding.Latin1.GetString(received), StringComparison.Ordinal);
        (received, _) = await harness.TalkAsync(FastCgi, [Gateway.FastCgi(1, keeps: false, variables, [])]);
        Assert.Contains(EchoApplication.Answer("POST", "/a%20b?c=d", []), Encoding.Latin1.GetString(received), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_BehindItsLength_IsNotTaken()
    {
        using GatewayHarness harness = new();
        (byte[] received, _) = await harness.TalkAsync(FastCgi, [Gateway.FastCgi(1, keeps: false, Gateway.Variables(2), "abc"u8)]);
        Assert.Contains(EchoApplication.Answer("POST", "/a%20b?c=d", "ab"u8), Encoding.Latin1.GetString(received), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Abort_OfARunningRequest_EndsItAlone()
    {
        using GatewayHarness harness = new();
        await using GatewayHarness.MemoryConnection connection = harness.Open(FastCgi);
        await connection.WriteAsync(Gateway.FastCgi(1, keeps: true, Gateway.Variables(0, "GET", "/wait"), []));
        await connection.WriteAsync(Gateway.Record(2, 1));
        Assert.Equal(Ended(1, 0), await connection.ReadAsync(16));
        Assert.Equal(1, harness.Application.Disposed);

        // One that has not begun, and one that is none.
        await connection.WriteAsync([.. Gateway.Begin(2, keeps: true), .. Gateway.Record(2, 2), .. Gateway.Record(2, 9)]);
        Assert.Equal(Ended(2, 0), await connection.ReadAsync(16));
        await connection.WriteAsync(Gateway.FastCgi(3, keeps: false, Gateway.Variables(0, "GET", "/x"), []));
        Assert.Contains("GET /x 0", Encoding.Latin1.GetString(await connection.ReadToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_ThatBreaksOff_LetsTheOthersEnd()
    {
        using GatewayHarness harness = new();
        await using GatewayHarness.MemoryConnection connection = harness.Open(FastCgi);
        await connection.WriteAsync(Gateway.FastCgi(1, keeps: true, Gateway.Variables(0, "GET", "/wait"), []));
        await connection.WriteAsync(Gateway.FastCgi(2, keeps: true, Gateway.Variables(0, "GET", "/break"), []));
        await Wait.Until(() => harness.Application.Disposed == 1, "the end of one request");
        Assert.False(connection.WasReset);
        await connection.WriteAsync(Gateway.Record(2, 1));
        await connection.ReadToEndAsync();
        Assert.True(connection.WasReset);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    public async Task Role_OtherThanResponder_IsRefused(byte role)
    {
        using GatewayHarness harness = new();
        (byte[] received, _) = await harness.TalkAsync(FastCgi, [Gateway.Begin(1, keeps: false, role)], ends: false);
        Assert.Equal(Ended(1, 3), received);
    }

    [Fact]
    public async Task Request_BeyondTheMostAtATime_IsRefused()
    {
        using GatewayHarness harness = new();
        await using GatewayHarness.MemoryConnection connection = harness.Open(FastCgi);
        for (ushort i = 1; i <= 101; i++)
        {
            await connection.WriteAsync(Gateway.Begin(i, keeps: true));
        }

        Assert.Equal(Ended(101, 2), await connection.ReadAsync(16));
    }

    [Fact]
    public async Task Management_Records_AreAnswered()
    {
        using GatewayHarness harness = new();
        byte[] question = Gateway.Pairs([("FCGI_MPXS_CONNS", "")]);
        (byte[] received, _) = await harness.TalkAsync(FastCgi, [Gateway.Record(9, 0, question), Gateway.Record(77, 0)]);
        Assert.Equal([.. Gateway.Record(10, 0, Gateway.Pairs([("FCGI_MPXS_CONNS", "1")])), .. Gateway.Record(11, 0, [77, 0, 0, 0, 0, 0, 0, 0])], received);
    }

    [Fact]
    public async Task Records_OfRequestsThatAreNone_MeanNothing()
    {
        using GatewayHarness harness = new();
        byte[] late = [.. Gateway.Record(4, 7, [1]), .. Gateway.Record(5, 7, [1]), .. Gateway.Record(8, 7), .. Gateway.Record(2, 7)];
        (byte[] received, _) = await harness.TalkAsync(FastCgi, [late, Gateway.FastCgi(1, keeps: false, Gateway.Variables(0), [])]);
        Assert.Contains("POST /a%20b?c=d 0", Encoding.Latin1.GetString(received), StringComparison.Ordinal);
    }

    public static TheoryData<byte[]> MalformedRecords => new(
        Gateway.Record(1, 1, [0, 1, 0]),
        Gateway.Begin(0, keeps: false),
        [.. Gateway.Begin(1, keeps: true), .. Gateway.Begin(1, keeps: true)],
        [.. Gateway.Begin(1, keeps: true), .. Gateway.Record(5, 1, "x"u8)],
        [.. Gateway.Begin(1, keeps: true), .. Gateway.Record(4, 1, [200]), .. Gateway.Record(4, 1)],
        [.. Gateway.Begin(1, keeps: true), .. Gateway.Record(4, 1)],
        [.. Gateway.Begin(1, keeps: true), .. Gateway.Record(4, 1, new byte[60_000]), .. Gateway.Record(4, 1, new byte[60_000])],
        [.. Gateway.FastCgi(1, keeps: true, Gateway.Variables(0, "GET", "/wait"), []), .. Gateway.Record(4, 1, [1])],
        Gateway.Record(9, 0, [200]),
        [2]);

    [Theory]
    [MemberData(nameof(MalformedRecords))]
    public async Task Record_ThatIsMalformed_ResetsTheConnection(byte[] bytes)
    {
        using GatewayHarness harness = new();
        (_, bool wasReset) = await harness.TalkAsync(FastCgi, [bytes], ends: false);
        Assert.True(wasReset);
    }

    private static byte[] Ended(ushort id, byte status) => Gateway.Record(3, id, [0, 0, 0, 0, status, 0, 0, 0]);
}
