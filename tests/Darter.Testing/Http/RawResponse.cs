using System.Text;
using System.Text.Json;

namespace Darter.Testing.Http;

/// <summary>A response of HTTP/1.x as it was received.</summary>
public sealed record RawResponse
{
    /// <summary>Minor version of HTTP/1.</summary>
    public required int MinorVersion { get; init; }

    /// <summary>Status code.</summary>
    public required int Status { get; init; }

    /// <summary>Reason phrase.</summary>
    public required string Reason { get; init; }

    /// <summary>Header fields in their order.</summary>
    public required IReadOnlyList<HttpField> Fields { get; init; }

    /// <summary>How the body ended.</summary>
    public HttpFraming Framing { get; init; }

    /// <summary>The body, unchunked.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>The chunks of the body when it was chunked.</summary>
    public IReadOnlyList<byte[]> Chunks { get; init; } = [];

    /// <summary>Interim (1xx) responses that came before.</summary>
    public IReadOnlyList<RawResponse> Interim { get; init; } = [];

    /// <summary>The body as Latin-1 text.</summary>
    public string Text => Encoding.Latin1.GetString(Body);

    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>Whether the server said that it closes the connection.</summary>
    public bool IsLast => All("connection").Any(value => value.Equals("close", StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public override string ToString() => $"HTTP/1.{MinorVersion} {Status} {Reason}, {string.Join("; ", Fields.Select(field => $"{field.Name}: {field.Value}"))}";

    /// <summary>The value of the only field of this name, or null.</summary>
    public string? this[string name] => Fields.SingleOrDefault(field => field.Is(name))?.Value;

    /// <summary>The values of all fields of this name.</summary>
    public IEnumerable<string> All(string name) => Fields.Where(field => field.Is(name)).Select(field => field.Value);
}
