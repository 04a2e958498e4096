using Darter.Server.Hub;

namespace Darter.Server.Tests.Hub;

/// <summary>A subscriber that notes the ids of what it gets, and can be asked at any time.</summary>
internal sealed class SharedListener : IHubSubscriber
{
    private readonly List<string> _ids = [];

    /// <inheritdoc/>
    public string Kind => "stream";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Meta { get; } = new Dictionary<string, string>();

    internal IReadOnlyList<string> Ids
    {
        get
        {
            lock (_ids)
            {
                return [.. _ids];
            }
        }
    }

    /// <inheritdoc/>
    public bool Deliver(HubItem item, bool isReplay)
    {
        lock (_ids)
        {
            _ids.Add(item.Id ?? "");
            return true;
        }
    }
}
