using System.Text;
using CsCheck;
using Darter.Server.WebSockets.Events;
using Darter.Wire;

namespace Darter.Server.Tests.WebSockets.Events;

public sealed class SocketControlTests
{
    private static readonly string[] s_parts = ["{", "}", "\"type\"", ":", "\"subscribe\"", ",", "\"channel\"", "\"content\"", "1", "null", "[", "]", "\"timeout\"", "\u00ff"];

    [Fact]
    public void TryParse_OfASubscription_HasAllOfIt()
    {
        SocketControl control = Parse("""{"type": "subscribe", "channel": "räume", "filters": ["skip-self", "other"], "prev-id": "7"}""");
        Assert.Equal((SocketControlType.Subscribe, "räume", "7"), (control.Type, control.Channel, control.PrevId));
        Assert.Equal(["skip-self", "other"], control.Filters);
    }

    [Theory]
    [InlineData("""{"type": "unsubscribe", "channel": "a"}""", SocketControlType.Unsubscribe)]
    [InlineData("""{"type": "detach"}""", SocketControlType.Detach)]
    [InlineData("""{"type": "set-meta", "name": "user", "value": "ann"}""", SocketControlType.SetMeta)]
    [InlineData("""{"type": "set-meta", "name": "user"}""", SocketControlType.SetMeta)]
    [InlineData("""{"type": "keep-alive"}""", SocketControlType.KeepAlive)]
    [InlineData("""{"type": "flush-delayed"}""", SocketControlType.FlushDelayed)]
    [InlineData("""{"type": "session", "id": "x"}""", SocketControlType.Unknown)]
    [InlineData("{}", SocketControlType.Unknown)]
    public void TryParse_OfAType_IsIt(string json, object type) => Assert.Equal((SocketControlType)type, Parse(json).Type);

    [Theory]
    [InlineData("""{"type": "keep-alive", "content": "{}", "timeout": 30}""", MessageKind.Text, "{}", 30, false)]
    [InlineData("""{"type": "keep-alive", "content-bin": "AQI=", "message-type": "binary", "mode": "interval"}""", MessageKind.Binary, "\u0001\u0002", 0, true)]
    [InlineData("""{"type": "send-delayed", "content": "x", "message-type": "ping", "timeout": 1}""", MessageKind.Ping, "x", 1, false)]
    [InlineData("""{"type": "send-delayed", "content": "", "message-type": "pong"}""", MessageKind.Pong, "", 0, false)]
    public void TryParse_OfAMessage_HasIt(string json, MessageKind kind, string content, int timeout, bool isInterval)
    {
        SocketControl control = Parse(json);
        Assert.NotNull(control.Content);
        Assert.Equal((kind, content, timeout, isInterval), (control.Kind, Encoding.Latin1.GetString(control.Content), control.Timeout, control.IsInterval));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("""{"type": 1}""")]
    [InlineData("""{"type": "subscribe"}""")]
    [InlineData("""{"type": "subscribe", "channel": ""}""")]
    [InlineData("""{"type": "subscribe", "channel": 5}""")]
    [InlineData("""{"type": "subscribe", "channel": "a", "filters": "skip-self"}""")]
    [InlineData("""{"type": "subscribe", "channel": "a", "filters": [1]}""")]
    [InlineData("""{"type": "subscribe", "channel": "\ud800"}""")]
    [InlineData("""{"type": "set-meta"}""")]
    [InlineData("""{"type": "keep-alive", "content": "x", "timeout": -1}""")]
    [InlineData("""{"type": "keep-alive", "content": "x", "timeout": 86401}""")]
    [InlineData("""{"type": "keep-alive", "content": "x", "timeout": 1.5}""")]
    [InlineData("""{"type": "keep-alive", "content": "x", "timeout": 99999999999}""")]
    [InlineData("""{"type": "keep-alive", "content": 1}""")]
    [InlineData("""{"type": "keep-alive", "content-bin": "?"}""")]
    [InlineData("""{"type": "keep-alive", "content-bin": "/w=="}""")]
    [InlineData("""{"type": "keep-alive", "content": "x", "message-type": "other"}""")]
    public void TryParse_OfAMalformedMessage_SaysWhy(string json)
    {
        Assert.False(SocketControl.TryParse(Encoding.UTF8.GetBytes(json), out _, out string? error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void TryParse_OfAPingThatIsTooLong_SaysWhy()
    {
        string json = $$"""{"type": "send-delayed", "message-type": "ping", "content": "{{new string('x', 126)}}"}""";
        Assert.False(SocketControl.TryParse(Encoding.UTF8.GetBytes(json), out _, out string? error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void TryParse_OfAnything_EitherHasAControlOrAnError() =>
        Gen.Int[0, s_parts.Length - 1].Select(i => s_parts[i]).Array[0, 12]
            .Sample(parts =>
            {
                bool parsed = SocketControl.TryParse(Encoding.Latin1.GetBytes(string.Concat(parts)), out SocketControl? control, out string? error);
                Assert.Equal((parsed, !parsed), (control is not null, error is not null));
            });

    private static SocketControl Parse(string json)
    {
        Assert.True(SocketControl.TryParse(Encoding.UTF8.GetBytes(json), out SocketControl? control, out string? error), error);
        return control;
    }
}
