using System.Text.Json;

namespace Darter.Server.Hub;

/// <summary>Instructions in a body of the type <c>application/grip-instruct</c>.</summary>
internal static class GripInstructJson
{
    /// <summary>The type.</summary>
    internal const string ContentType = "application/grip-instruct";

    /// <summary>Reads them, and the answer that the client may get.</summary>
    /// <exception cref="GripException">They make no sense, or ask for what is not covered.</exception>
    internal static (GripInstruct Instruct, HubResponseMessage Response) Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonMembers instruct = JsonMembers.Of(document.RootElement, "the instruct");
            if (instruct.Has("next") || instruct.Has("gone"))
            {
                throw instruct.Error("has a link, which is not supported");
            }

            HubResponseMessage response = instruct.Object("response") is { } given
                ? HttpMessageJson.Read(given, HubAction.Send, needsBody: false)
                : new HubResponseMessage(HubAction.Send, 200, "", [], default);
            return (instruct.Object("hold") is { } hold ? HoldOf(hold) : new GripInstruct(), response);
        }
        catch (JsonException exception)
        {
            throw new GripException($"its {ContentType} is not understood: {exception.Message}");
        }
    }

    private static GripInstruct HoldOf(JsonMembers hold)
    {
        GripInstruct instruct = new()
        {
            Hold = hold.Text("mode") switch
            {
                null or "response" => GripHold.Response,
                "stream" => GripHold.Stream,
                _ => throw hold.Error("has a 'mode' that is neither 'response' nor 'stream'"),
            },
            Channels = [.. hold.List("channels").Select(ChannelOf)],
            Timeout = TimeOf(hold, "timeout"),
            Meta = hold.Texts("meta"),
            DropsMessages = GripHeaders.DropsOf(hold.Text("slow")),
        };
        return hold.Object("keep-alive") is { } keepAlive
            ? GripHeaders.WithKeepAlive(instruct, keepAlive.Bytes("content", "content-bin"), TimeOf(keepAlive, "timeout"), keepAlive.Text("mode"))
            : instruct;
    }

    private static HubChannelRequest ChannelOf(JsonElement element)
    {
        JsonMembers channel = JsonMembers.Of(element, "a channel");
        return GripHeaders.ChannelOf(
            channel.Text("name") ?? throw channel.Error("has no 'name'"),
            channel.Text("prev-id"),
            channel.List("filters").Select(filter => JsonMembers.TextOf(filter, "a filter")));
    }

    private static TimeSpan TimeOf(JsonMembers members, string name) =>
        members.Number(name, 0, int.MaxValue) is { } seconds ? GripHeaders.SecondsOf(name, $"{seconds}") : GripInstruct.UsualTime;
}
