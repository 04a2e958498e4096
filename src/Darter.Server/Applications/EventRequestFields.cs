using System.Text;
using Darter.Server.WebSockets.Events;
using Darter.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Applications;

/// <summary>
/// The header fields of the requests with a WebSocket's events: those of its handshake, without what belonged to that alone,
/// and without what only the front may say.
/// </summary>
internal sealed class EventRequestFields
{
    private const int LengthsSize = 4;

    private readonly byte[] _bytes;

    /// <param name="headers">The header section of the handshake.</param>
    /// <param name="connectionId">The WebSocket's id.</param>
    /// <param name="passes">Whether a field is passed on to applications at all.</param>
    internal EventRequestFields(IHeaderDictionary headers, string connectionId, Func<string, bool> passes)
    {
        List<(string Name, string Value)> fields = [];
        foreach (KeyValuePair<string, StringValues> field in headers)
        {
            if (!passes(field.Key) || IsLeftOut(field.Key))
            {
                continue;
            }

            foreach (string? value in field.Value)
            {
                fields.Add((field.Key, value ?? ""));
            }
        }

        fields.Add(("accept", SocketEventReader.MediaType));
        fields.Add(("content-type", SocketEventReader.MediaType));
        fields.Add(("connection-id", connectionId));
        fields.Add(("sec-websocket-extensions", "grip"));
        Count = fields.Count;
        _bytes = new byte[fields.Sum(field => LengthsSize + field.Name.Length + field.Value.Length)];
        int offset = 0;
        foreach ((string name, string value) in fields)
        {
            offset += HeaderBlock.WriteField(_bytes.AsSpan(offset), Encoding.Latin1.GetBytes(name.ToLowerInvariant()), Encoding.Latin1.GetBytes(value));
        }
    }

    /// <summary>How many there are.</summary>
    internal int Count { get; }

    /// <summary>The fields as they travel.</summary>
    internal byte[] ToArray() => _bytes;

    /// <summary>
    /// A client must not speak for the front: WSGI and CGI make no difference between a hyphen and an underscore in a name.
    /// The coding of an answer is the front's to read, so none may be asked for.
    /// </summary>
    private static bool IsLeftOut(string name)
    {
        string plain = name.Replace('_', '-').ToLowerInvariant();
        return plain.StartsWith("meta-", StringComparison.Ordinal)
            || plain.StartsWith("grip-", StringComparison.Ordinal)
            || plain is "connection" or "upgrade" or "keep-alive" or "transfer-encoding" or "te" or "expect" or "accept" or "accept-encoding"
                or "content-length" or "content-type" or "content-encoding" or "content-bytes-replayed"
                or "connection-id" or "sec-websocket-key" or "sec-websocket-extensions";
    }
}
