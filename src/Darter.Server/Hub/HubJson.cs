using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Darter.Server.Hub;

/// <summary>What the publish endpoint answers, serialized without reflection.</summary>
[JsonSerializable(typeof(PublishOutcome))]
[JsonSerializable(typeof(PublishError))]
[JsonSerializable(typeof(ChannelList))]
[JsonSerializable(typeof(ChannelReport))]
public sealed partial class HubJson : JsonSerializerContext
{
    /// <summary>With the names of the endpoint.</summary>
    public static HubJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
