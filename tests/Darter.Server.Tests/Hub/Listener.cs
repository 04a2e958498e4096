using System.Text;
using Darter.Server.Hub;

namespace Darter.Server.Tests.Hub;

/// <summary>A subscriber that notes what it gets.</summary>
internal sealed class Listener(params (string Name, string Value)[] meta) : IHubSubscriber
{
    private readonly List<string> _got = [];

    public string Kind => "stream";

    public IReadOnlyDictionary<string, string> Meta { get; } = meta.ToDictionary(pair => pair.Name, pair => pair.Value);

    /// <summary>The contents in their order; read by the test's thread when nobody publishes any more.</summary>
    internal IReadOnlyList<string> Got => _got;

    public bool Deliver(HubItem item, bool isReplay)
    {
        if (item.Stream is not { } stream)
        {
            return false;
        }

        _got.Add(Encoding.UTF8.GetString(stream.Content.Span));
        return true;
    }

    internal static HubItem Item(string channel, string content, string? id = null, string? prevId = null) => new()
    {
        Channel = channel,
        Id = id,
        PrevId = prevId,
        Stream = new HubStreamMessage(HubAction.Send, Encoding.UTF8.GetBytes(content)),
    };
}
