using System.Buffers.Text;
using System.Text;

namespace Darter.Server.Configuration;

/// <summary>Held connections, and what is published to them. What is not said otherwise is the project's own choice.</summary>
public sealed record HubConfig
{
    private const string Base64Prefix = "base64:";

    /// <summary>Longest <see cref="Issuer"/>, in characters.</summary>
    public const int MaxIssuer = 256;

    /// <summary>Most bytes that a signature adds to a request's header section.</summary>
    internal const int MaxSignature = 4096;

    /// <summary>Whether answers of the application can hold connections. Default: no; of the command: yes.</summary>
    public bool IsOn { get; init; }

    /// <summary>Over which Redis channels are shared with other servers; null: they are not. Default: they are not.</summary>
    public RedisAddress? Backplane { get; init; }

    /// <summary>Whose WebSockets are held, and sent to the application as requests with events. Default: those of WSGI applications.</summary>
    public HubWebSockets WebSockets { get; init; }

    /// <summary>The secret of HS256 signatures: of the publish endpoint's callers, and of <c>Grip-Sig</c>; null: none. Default: none.</summary>
    public string? Key { get; init; }

    /// <summary>Who signs, as the application sees it: the claim <c>iss</c> of <c>Grip-Sig</c>. Default: "darter".</summary>
    public string Issuer { get; init; } = "darter";

    /// <summary>Where the publish endpoint listens beside the workers' own socket; null: nowhere. Default: nowhere.</summary>
    public BindAddress? PublishBind { get; init; }

    /// <summary>Items kept for each channel; 0: none. Default 100.</summary>
    public int HistorySize { get; init; } = 100;

    /// <summary>Bytes of all items kept, of all channels. Default 64 MiB.</summary>
    public long HistoryBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long an item is kept; zero: without end. Default 2 minutes: longer than clients take to connect again.</summary>
    public TimeSpan HistoryAge { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most channels that are subscribed to or have a history. Default 100,000.</summary>
    public int MaxChannels { get; init; } = 100_000;

    /// <summary>Most held connections, WebSockets included (503 beyond); 0: no limit. Default: none, as for other requests.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Most held connections of a client's address (429 beyond); 0: no limit. Default: none.</summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>Bytes that may wait for a held connection whose client is slow. Default 256 KiB, as for a WebSocket.</summary>
    public int MaxQueue { get; init; } = 256 * 1024;

    /// <summary>Whether a key can be read: its characters, or its bytes as <c>base64:...</c>.</summary>
    public static bool IsKey(string key) =>
        key.StartsWith(Base64Prefix, StringComparison.Ordinal) ? key.Length > Base64Prefix.Length && Base64.IsValid(key.AsSpan(Base64Prefix.Length)) : key.Length > 0;

    /// <summary>The bytes of a key for which <see cref="IsKey"/> holds.</summary>
    internal static byte[] KeyBytes(string key) =>
        key.StartsWith(Base64Prefix, StringComparison.Ordinal) ? Convert.FromBase64String(key[Base64Prefix.Length..]) : Encoding.UTF8.GetBytes(key);

    /// <summary>Most bytes of a request of the publish endpoint, and of the body of an answer that holds (413, 500 beyond). Default 1 MiB.</summary>
    public int MaxMessage { get; init; } = 1024 * 1024;
}
