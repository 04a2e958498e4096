using System.Text;
using CsCheck;
using Darter.Server.Hub;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Tests.Hub;

/// <summary>Instructions in header sections, and in JSON.</summary>
public sealed class GripHeadersTests
{
    [Fact]
    public void Read_OfAllFields_HasThemAll()
    {
        GripInstruct instruct = Read(
            ("Grip-Hold", "stream; slow=drop"),
            ("Grip-Channel", "room-1; prev-id=\"a;b,\\\"c\"; filter=skip-self; filter=\"require-sub\", k=v"),
            ("Grip-Channel", "r\u00c3\u00a4um"),
            ("Grip-Timeout", "25"),
            ("Grip-Keep-Alive", ": a, b\\n\\x0a; format=cstring; timeout=20; mode=interval"),
            ("Grip-Set-Meta", "user=ann, role=\"x y\""));
        Assert.Equal(GripHold.Stream, instruct.Hold);
        Assert.True(instruct.DropsMessages && instruct.KeepsAliveAlways);
        Assert.Equal(
            [
                new HubChannelRequest("room-1", "a;b,\"c", HubFilters.SkipSelf | HubFilters.RequireSubscription),
                new HubChannelRequest("k=v"),
                new HubChannelRequest("räum"),
            ],
            instruct.Channels);
        Assert.Equal(TimeSpan.FromSeconds(25), instruct.Timeout);
        Assert.Equal(": a, b\n\n", Encoding.ASCII.GetString(instruct.KeepAlive.Span));
        Assert.Equal(TimeSpan.FromSeconds(20), instruct.KeepAliveTime);
        Assert.Equal(("ann", "x y"), (instruct.Meta["user"], instruct.Meta["role"]));
    }

    [Fact]
    public void Read_OfLittle_HasPushpinsDefaults()
    {
        GripInstruct instruct = Read(("Grip-Hold", "response"), ("Grip-Channel", "a"), ("Grip-Keep-Alive", "AAE=; format=base64"));
        Assert.Equal((GripHold.Response, false, false), (instruct.Hold, instruct.DropsMessages, instruct.KeepsAliveAlways));
        Assert.Equal((TimeSpan.FromSeconds(55), TimeSpan.FromSeconds(55)), (instruct.Timeout, instruct.KeepAliveTime));
        Assert.Equal([0, 1], instruct.KeepAlive.ToArray());
        Assert.Equal(GripHold.None, Read(("Grip-Channel", "a")).Hold);
    }

    [Theory]
    [InlineData("Grip-Hold", "other")]
    [InlineData("Grip-Hold", "stream; slow=never")]
    [InlineData("Grip-Channel", "\"\"; prev-id=1")]
    [InlineData("Grip-Channel", "\u00ff")]
    [InlineData("Grip-Channel", "a; filter=var-subst")]
    [InlineData("Grip-Timeout", "soon")]
    [InlineData("Grip-Timeout", "-1")]
    [InlineData("Grip-Timeout", "999999999")]
    [InlineData("Grip-Keep-Alive", "")]
    [InlineData("Grip-Keep-Alive", "\\q; format=cstring")]
    [InlineData("Grip-Keep-Alive", "\\x1; format=cstring")]
    [InlineData("Grip-Keep-Alive", "?; format=base64")]
    [InlineData("Grip-Keep-Alive", "x; format=other")]
    [InlineData("Grip-Keep-Alive", "x; mode=other")]
    [InlineData("Grip-Keep-Alive", "x; timeout=0")]
    [InlineData("Grip-Link", "</next>; rel=next")]
    public void Read_OfWhatCannotBeFollowed_IsRefused(string field, string value) =>
        Assert.NotEmpty(Assert.Throws<GripException>(() => Read((field, value))).Message);

    [Fact]
    public void Read_OfAnything_IsReadOrRefused()
    {
        Gen<string> text = Gen.Char["abc=;,\"\\ \t:5\u00c3\u00a4"].Array[0, 20].Select(chars => new string(chars));
        Gen.Select(text, text, text, text).Sample((channel, keepAlive, meta, hold) =>
        {
            try
            {
                GripInstruct instruct = Read(("Grip-Channel", channel), ("Grip-Keep-Alive", keepAlive), ("Grip-Set-Meta", meta), ("Grip-Hold", $"stream{hold}"));
                Assert.All(instruct.Channels, request => Assert.True(HubChannelRequest.IsName(request.Name)));
                Assert.False(instruct.KeepAlive.IsEmpty);
            }
            catch (GripException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        });
    }

    [Fact]
    public void ReadList_OfQuotedElements_GivesThemBack()
    {
        Gen<string> text = Gen.Char["ab;,=\"\\ "].Array[1, 8].Select(chars => new string(chars));
        Gen.Select(text, text).Array[1, 4].Sample(pairs =>
        {
            string field = string.Join(" , ", pairs.Select(pair => $"{Quote(pair.Item1)}; x={Quote(pair.Item2)}"));
            Assert.Equal(pairs, GripParameters.ReadList(field).Select(element => (element.First, element.Find("x")!)));
        });

        static string Quote(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    [Theory]
    [InlineData("202", 202, "")]
    [InlineData("404 Not here", 404, "Not here")]
    public void ReadStatus_OfAStatus_IsIt(string value, int status, string reason) =>
        Assert.Equal((status, reason), GripHeaders.ReadStatus(Headers(("Grip-Status", value))));

    [Fact]
    public void ReadStatus_OfNone_OrNonsense_IsNone()
    {
        Assert.Null(GripHeaders.ReadStatus(Headers()));
        Assert.Throws<GripException>(() => GripHeaders.ReadStatus(Headers(("Grip-Status", "100"))));
        Assert.Throws<GripException>(() => GripHeaders.ReadStatus(Headers(("Grip-Status", "OK"))));
    }

    [Fact]
    public void Remove_LeavesWhatIsTheClients()
    {
        HeaderDictionary headers = Headers(("grip-hold", "stream"), ("Content-Type", "a"), ("X-A", "1"));
        GripHeaders.Remove(headers);
        Assert.Equal(["Content-Type", "X-A"], headers.Keys);
        headers["Grip-Expose-Headers"] = "x-a, X-B";
        GripHeaders.Remove(headers);
        Assert.Equal(["X-A"], headers.Keys);
    }

    [Fact]
    public void ReadJson_OfAnInstruct_HasHoldAndAnswer()
    {
        (GripInstruct instruct, HubResponseMessage response) = GripInstructJson.Read(
            """
            {"hold": {"mode": "stream", "channels": [{"name": "a", "prev-id": "1", "filters": ["skip-users"]}], "timeout": 5,
              "keep-alive": {"content": "x", "timeout": 3}, "meta": {"user": "ann"}, "slow": "drop"},
             "response": {"code": 201, "headers": {"X-A": "1"}, "body": "hello"}}
            """u8.ToArray());
        Assert.Equal((GripHold.Stream, true, TimeSpan.FromSeconds(3)), (instruct.Hold, instruct.DropsMessages, instruct.KeepAliveTime));
        Assert.Equal([new HubChannelRequest("a", "1", HubFilters.SkipUsers)], instruct.Channels);
        Assert.Equal((201, "ann"), (response.Status, instruct.Meta["user"]));

        (instruct, response) = GripInstructJson.Read("""{"hold": {"channels": []}}"""u8.ToArray());
        Assert.Equal((GripHold.Response, 200, 0), (instruct.Hold, response.Status, response.Body.Length));
        Assert.Equal(GripHold.None, GripInstructJson.Read("{}"u8.ToArray()).Instruct.Hold);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"hold": {"mode": "other"}}""")]
    [InlineData("""{"hold": {"channels": [{"prev-id": "1"}]}}""")]
    [InlineData("""{"hold": {"channels": [{"name": "a", "filters": ["other"]}]}}""")]
    [InlineData("""{"hold": {"timeout": -1}}""")]
    [InlineData("""{"hold": {"keep-alive": {"timeout": 1}}}""")]
    [InlineData("""{"response": {"code": 99}}""")]
    [InlineData("""{"next": {}}""")]
    public void ReadJson_OfWhatCannotBeFollowed_IsRefused(string json) =>
        Assert.Throws<GripException>(() => GripInstructJson.Read(Encoding.UTF8.GetBytes(json)));

    private static GripInstruct Read(params (string Name, string Value)[] fields) => GripHeaders.Read(Headers(fields));

    private static HeaderDictionary Headers(params (string Name, string Value)[] fields)
    {
        HeaderDictionary headers = [];
        foreach ((string name, string value) in fields)
        {
            headers[name] = StringValues.Concat(headers[name], value);
        }

        return headers;
    }
}
