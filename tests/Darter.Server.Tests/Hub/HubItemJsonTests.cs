using System.Text;
using CsCheck;
using Darter.Server.Hub;

namespace Darter.Server.Tests.Hub;

/// <summary>Items in GRIP's JSON.</summary>
public sealed class HubItemJsonTests
{
    [Fact]
    public void TryReadItems_OfAllFormats_ReadsThem()
    {
        Assert.True(HubItemJson.TryReadItems(
            """
            {"items": [{"channel": "a", "id": "2", "prev-id": "1", "meta": {"sender": "ann"}, "formats": {
              "http-stream": {"content": "hé\n"},
              "http-response": {"code": 201, "reason": "Made", "headers": {"X-A": "é", "Content-Length": "7"}, "body-bin": "AAE="},
              "ws-message": {"type": "binary", "content-bin": "/w=="}}},
             {"channel": "b", "http-stream": {"action": "close"}},
             {"channel": "c", "formats": {"http-response": {"headers": [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]], "body": ""}, "unknown": 1}}]}
            """u8.ToArray(),
            out IReadOnlyList<HubItem> items,
            out string error), error);
        HubItem first = items[0];
        Assert.Equal(("a", "2", "1", "ann"), (first.Channel, first.Id, first.PrevId, first.Meta["sender"]));
        Assert.Equal("hé\n"u8, first.Stream!.Content.Span);
        Assert.Equal((201, "Made"), (first.Response!.Status, first.Response.Reason));

        // One character for each byte, as the server writes them; the length is the server's to say.
        Assert.Equal(new("X-A", "\u00c3\u00a9"), Assert.Single(first.Response.Headers));
        Assert.Equal([0, 1], first.Response.Body.ToArray());
        Assert.Equal((HubSocketType.Binary, 0xff), (first.Socket!.Type, first.Socket.Content.Span[0]));
        Assert.Equal(HubAction.Close, items[1].Stream!.Action);
        Assert.Equal((200, 2), (items[2].Response!.Status, items[2].Response!.Headers.Count));
    }

    [Theory]
    [InlineData("""{"http-stream": {"content": ""}}""", "channel")]
    [InlineData("""{"channel": "", "http-stream": {"content": ""}}""", "channel")]
    [InlineData("""{"channel": "a\n", "http-stream": {"content": ""}}""", "channel")]
    [InlineData("""{"channel": 1, "http-stream": {"content": ""}}""", "channel")]
    [InlineData("""{"channel": "a"}""", "formats")]
    [InlineData("""{"channel": "a", "formats": []}""", "formats")]
    [InlineData("""{"channel": "a", "id": "", "http-stream": {"content": ""}}""", "'id'")]
    [InlineData("""{"channel": "a", "http-stream": {}}""", "http-stream")]
    [InlineData("""{"channel": "a", "http-stream": {"content": 1}}""", "content")]
    [InlineData("""{"channel": "a", "http-stream": {"content": "\ud800"}}""", "Unicode")]
    [InlineData("""{"channel": "a", "http-stream": {"content-bin": "?"}}""", "base64")]
    [InlineData("""{"channel": "a", "http-stream": {"content": "", "content-filters": ["x"]}}""", "content-filters")]
    [InlineData("""{"channel": "a", "http-stream": {"action": "refresh"}}""", "refresh")]
    [InlineData("""{"channel": "a", "http-stream": {"action": "other"}}""", "action")]
    [InlineData("""{"channel": "a", "http-response": {"body-patch": []}}""", "body-patch")]
    [InlineData("""{"channel": "a", "http-response": {}}""", "body")]
    [InlineData("""{"channel": "a", "http-response": {"body": "", "code": 100}}""", "code")]
    [InlineData("""{"channel": "a", "http-response": {"body": "", "code": "200"}}""", "code")]
    [InlineData("""{"channel": "a", "http-response": {"body": "", "headers": {"a b": "c"}}}""", "header")]
    [InlineData("""{"channel": "a", "http-response": {"body": "", "headers": {"a": "b\r\nc: d"}}}""", "header")]
    [InlineData("""{"channel": "a", "http-response": {"body": "", "headers": [["a"]]}}""", "headers")]
    [InlineData("""{"channel": "a", "http-response": {"body": "", "reason": "a\nb"}}""", "reason")]
    [InlineData("""{"channel": "a", "ws-message": {"type": "other", "content": ""}}""", "type")]
    [InlineData("""{"channel": "a", "ws-message": {"type": "text", "content-bin": "/w=="}}""", "UTF-8")]
    [InlineData("""{"channel": "a", "ws-message": {"action": "close", "code": 999}}""", "code")]
    [InlineData("""{"channel": "a", "meta": {"x": 1}, "http-stream": {"content": ""}}""", "meta")]
    public void TryReadItems_OfWhatIsWrong_SaysWhatAndWhere(string item, string named)
    {
        Assert.False(HubItemJson.TryReadItems(Encoding.UTF8.GetBytes($$"""{"items": [{{item}}]}"""), out IReadOnlyList<HubItem> items, out string error));
        Assert.Empty(items);
        Assert.Contains("items[0]", error, StringComparison.Ordinal);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"items": {}}""")]
    [InlineData("""{"items": [1]}""")]
    [InlineData("""{"\ud800": 1}""")]
    public void TryReadItems_OfOtherJson_IsAnError(string json)
    {
        Assert.False(HubItemJson.TryReadItems(Encoding.UTF8.GetBytes(json), out _, out string error));
        Assert.NotEqual("", error);
    }

    [Fact]
    public void Write_OfAnyItem_IsReadAgain()
    {
        Gen<byte[]> bytes = Gen.OneOf(Gen.Byte.Array[0, 20], Gen.OneOf<string>("", "text", "é\n\0", "\ud83d\ude00").Select(Encoding.UTF8.GetBytes));
        Gen<string> name = Gen.OneOf<string>("a", "room-1", "é", "\ud83d\ude00 x");
        Gen<HubAction> plain = Gen.OneOf<HubAction>(HubAction.Send, HubAction.Send, HubAction.Close, HubAction.Hint);
        Gen<HubStreamMessage> streams = Gen.Select(plain, bytes, (action, content) => new HubStreamMessage(action, action == HubAction.Send ? content : []));
        Gen<HubResponseMessage> responses = Gen.Select(
            plain, Gen.Int[200, 599], bytes, Gen.Select(Gen.OneOf<string>("X-A", "Set-Cookie"), Gen.OneOf<string>("1", "a\tb", "\u00c3\u00a9"), (field, value) => new KeyValuePair<string, string>(field, value)).Array[0, 3],
            (action, code, body, headers) => action == HubAction.Send
                ? new HubResponseMessage(action, code, "Very \u00c3\u00a9", headers, body)
                : new HubResponseMessage(action, 0, "", [], default));
        Gen<HubSocketMessage> sockets = Gen.OneOf(
            bytes.Select(content => new HubSocketMessage(HubAction.Send, HubSocketType.Binary, content, 0, "")),
            Gen.OneOf<string>("", "text").Select(text => new HubSocketMessage(HubAction.Send, HubSocketType.Text, Encoding.UTF8.GetBytes(text), 0, "")),
            Gen.Int[1000, 4999].Select(code => new HubSocketMessage(HubAction.Close, HubSocketType.Text, default, code, "bye")),
            Gen.Const(new HubSocketMessage(HubAction.Refresh, HubSocketType.Text, default, 0, "")));
        Gen.Select(name, name, Gen.Bool, streams, responses, sockets, Gen.Int[1, 7]).Sample((channel, id, hasId, stream, response, socket, formats) =>
        {
            HubItem item = new()
            {
                Channel = channel,
                Id = hasId ? id : null,
                PrevId = hasId ? null : id,
                Stream = (formats & 1) != 0 ? stream : null,
                Response = (formats & 2) != 0 ? response : null,
                Socket = (formats & 4) != 0 ? socket : null,
                Meta = new Dictionary<string, string> { [id] = channel },
            };
            byte[] json = HubItemJson.Write(item);
            HubItem? read = HubItemJson.TryRead(json, out string error);
            Assert.True(read is not null, error);
            Assert.Equal((item.Channel, item.Id, item.PrevId, channel), (read.Channel, read.Id, read.PrevId, read.Meta[id]));
            Assert.Equal(json, HubItemJson.Write(read));
            Assert.Equal(item.Stream?.Content.ToArray(), read.Stream?.Content.ToArray());
            Assert.Equal(item.Response?.Body.ToArray(), read.Response?.Body.ToArray());
            Assert.Equal(item.Response?.Headers, read.Response?.Headers);
            Assert.Equal((item.Socket?.Action, item.Socket?.Type, item.Socket?.Code), (read.Socket?.Action, read.Socket?.Type, read.Socket?.Code));
            Assert.Equal(item.Socket?.Content.ToArray(), read.Socket?.Content.ToArray());
        });
    }

    [Fact]
    public void TryReadItems_OfAnythingAlmostRight_IsReadOrRefused()
    {
        const string Right =
            """{"items":[{"channel":"a","id":"1","formats":{"http-stream":{"content":"\u00e9"},"http-response":{"code":200,"headers":[["A","b"]],"body-bin":"AAE="},"ws-message":{"content":"x"}},"meta":{"k":"v"}}]}""";
        byte[] right = Encoding.UTF8.GetBytes(Right);
        Gen.Select(Gen.Int[0, right.Length - 1], Gen.Byte, Gen.Int[0, 3]).Array[1, 3].Sample(changes =>
        {
            List<byte> bytes = [.. right];
            foreach ((int place, byte value, int removed) in changes)
            {
                int index = Math.Min(place, bytes.Count - 1);
                bytes[index] = value;
                bytes.RemoveRange(index, Math.Min(removed, bytes.Count - index - 1));
            }

            bool isRead = HubItemJson.TryReadItems(bytes.ToArray(), out IReadOnlyList<HubItem> items, out string error);
            Assert.Equal(isRead, error.Length == 0);
            Assert.All(items, item => Assert.NotNull(HubItemJson.TryRead(HubItemJson.Write(item), out _)));
            return true;
        });
    }
}
