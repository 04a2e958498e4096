using System.Text;
using Darter.Wire;

namespace Darter.Gateway.Tests.Front;

/// <summary>A request to be sent to a worker.</summary>
internal sealed record TestRequest(string Target, string Method = "GET")
{
    public string ClientHost { get; init; } = "127.0.0.1";

    public ushort ClientPort { get; init; } = 40001;

    public string ServerHost { get; init; } = "127.0.0.1";

    public ushort ServerPort { get; init; } = 8000;

    public byte Version { get; init; } = 11;

    public bool IsHttps { get; init; }

    public bool IsWebSocket { get; init; }

    /// <summary>-1: unknown; 0: none.</summary>
    public long ContentLength { get; init; }

    public (string Name, string Value)[] Headers { get; init; } = [("host", "127.0.0.1:8000")];

    /// <summary>Whether it has a claim; without one it cannot be taken back.</summary>
    public bool HasSlot { get; init; } = true;

    /// <summary>A request with a body of known length and its header fields.</summary>
    public static TestRequest Post(string target, long length) => new(target, "POST")
    {
        ContentLength = length,
        Headers = [("host", "127.0.0.1:8000"), ("content-length", length.ToString()), ("content-type", "application/octet-stream")],
    };

    public byte[] ToPayload(ushort slot)
    {
        byte[] payload = new byte[64 * 1024 + Headers.Sum(header => header.Name.Length + header.Value.Length + 4)];
        int length = RequestHead.WriteFirst(
            payload, slot, ClientPort, ContentLength, Encoding.Latin1.GetBytes(Method), Encoding.Latin1.GetBytes(ClientHost), Encoding.Latin1.GetBytes(Target));
        length += RequestHead.WriteStable(payload.AsSpan(length), Version, IsHttps, IsWebSocket, ServerPort, Encoding.Latin1.GetBytes(ServerHost));
        BitConverter.TryWriteBytes(payload.AsSpan(length), (ushort)Headers.Length);
        length += 2;
        foreach ((string name, string value) in Headers)
        {
            length += HeaderBlock.WriteField(payload.AsSpan(length), Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value));
        }

        return payload[..length];
    }
}
