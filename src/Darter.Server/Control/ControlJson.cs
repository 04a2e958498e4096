using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Darter.Server.Control;

/// <summary>What goes over the control socket, serialized without reflection.</summary>
[JsonSerializable(typeof(ServerStatus))]
[JsonSerializable(typeof(ReloadOutcome))]
[JsonSerializable(typeof(ScaleOrder))]
[JsonSerializable(typeof(ScaleOutcome))]
[JsonSerializable(typeof(StopOrder))]
[JsonSerializable(typeof(StopOutcome))]
[JsonSerializable(typeof(UpgradeOutcome))]
[JsonSerializable(typeof(CacheStatus))]
[JsonSerializable(typeof(PurgeOrder))]
[JsonSerializable(typeof(PurgeOutcome))]
[JsonSerializable(typeof(ControlError))]
public sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>With the names and the escapes of the control socket: no more of these than JSON needs, for people read it too.</summary>
    public static ControlJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
