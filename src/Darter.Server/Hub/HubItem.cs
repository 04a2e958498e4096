using System.Text;

namespace Darter.Server.Hub;

/// <summary>
/// What is published to a channel: up to three messages, one for each kind of connection. Immutable, so all subscribers,
/// the history and the backplane have the same object.
/// </summary>
internal sealed record HubItem
{
    // What an item takes beside its contents, roughly.
    private const int Overhead = 256;

    private int _size;

    /// <summary>The channel.</summary>
    public required string Channel { get; init; }

    /// <summary>Names the item within its channel; null: it cannot be referred to.</summary>
    public string? Id { get; init; }

    /// <summary>The id of the item before it, as its publisher knows; null: not said.</summary>
    public string? PrevId { get; init; }

    /// <summary>For held streams, or null.</summary>
    public HubStreamMessage? Stream { get; init; }

    /// <summary>For requests that wait for a response, or null.</summary>
    public HubResponseMessage? Response { get; init; }

    /// <summary>For WebSockets, or null.</summary>
    public HubSocketMessage? Socket { get; init; }

    /// <summary>What the publisher says about it, for filters.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; init; } = NoMeta;

    /// <summary>
    /// When it was published, if that was not now: a backplane that catches up sets it, so that the history's age is right.
    /// </summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>Whether there is something to send that who comes later may still want.</summary>
    internal bool IsKept => Stream is { Action: HubAction.Send } || Response is { Action: HubAction.Send } || Socket is { Action: HubAction.Send };

    /// <summary>Bytes of memory it takes, roughly.</summary>
    internal int Size => _size != 0 ? _size : _size = Overhead + Lengths();

    private static IReadOnlyDictionary<string, string> NoMeta { get; } = new Dictionary<string, string>();

    private int Lengths()
    {
        long length = Encoding.Unicode.GetByteCount(Channel) + (2L * ((Id?.Length ?? 0) + (PrevId?.Length ?? 0)))
            + (Stream?.Content.Length ?? 0) + (Response?.Body.Length ?? 0) + (Socket?.Content.Length ?? 0);
        foreach ((string name, string value) in Response?.Headers ?? [])
        {
            length += 64 + (2 * (name.Length + value.Length));
        }

        foreach ((string name, string value) in Meta)
        {
            length += 64 + (2 * (name.Length + value.Length));
        }

        return (int)Math.Min(length, int.MaxValue / 2);
    }
}
