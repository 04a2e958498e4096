using System.Buffers.Binary;

namespace Darter.Wire;

/// <summary>
/// Payload of <see cref="FrameType.Request"/>. What changes from request to request comes first; the rest, from
/// <see cref="Stable"/> on, is often the same bytes again and serves the worker as a cache key.
/// </summary>
/// <remarks>
/// slot (2), client port (2), content length (8, -1 unknown), method length (1), client host length (1), target length (2),
/// method, client host, target; then HTTP version (1: 10, 11, 20, 30), flags (1: 1 https, 2 WebSocket, 4 script name, 8 PROXY
/// protocol, 16 variables), server port (2),
/// server host length (1), server host, header block, and with variables a block of those.
/// </remarks>
public readonly ref struct RequestHead
{
    /// <summary>Size of the parts of fixed length, in bytes.</summary>
    public const int FixedSize = FirstSize + StableFixedSize + 2;

    private const int FirstSize = 16;
    private const int StableFixedSize = 5;

    private readonly ReadOnlySpan<byte> _payload;
    private readonly int _stable;

    private RequestHead(ReadOnlySpan<byte> payload, int stable, HeaderBlock headers, HeaderBlock variables)
    {
        _payload = payload;
        _stable = stable;
        Headers = headers;
        Variables = variables;
    }

    /// <summary>The slot of its claim, or <see cref="Claim.NoSlot"/>.</summary>
    public ushort Slot => BinaryPrimitives.ReadUInt16LittleEndian(_payload);

    /// <summary>TCP port of the client, or 0.</summary>
    public ushort ClientPort => BinaryPrimitives.ReadUInt16LittleEndian(_payload[2..]);

    /// <summary>Length of the request body in bytes, 0 for none, -1 when only its end will tell.</summary>
    public long ContentLength => BinaryPrimitives.ReadInt64LittleEndian(_payload[4..]);

    /// <summary>Method.</summary>
    public ReadOnlySpan<byte> Method => _payload.Slice(FirstSize, _payload[12]);

    /// <summary>Address of the client, empty on a Unix socket.</summary>
    public ReadOnlySpan<byte> ClientHost => _payload.Slice(FirstSize + _payload[12], _payload[13]);

    /// <summary>Request target in origin form, not decoded: path and query as the client sent them, or "*".</summary>
    public ReadOnlySpan<byte> Target => _payload.Slice(FirstSize + _payload[12] + _payload[13], BinaryPrimitives.ReadUInt16LittleEndian(_payload[14..]));

    /// <summary>All from the HTTP version on, header block included.</summary>
    public ReadOnlySpan<byte> Stable => _payload[_stable..];

    /// <summary>HTTP version times ten: 10, 11, 20 or 30.</summary>
    public byte Version => _payload[_stable];

    /// <summary>Whether the client's connection to the front is encrypted.</summary>
    public bool IsHttps => (_payload[_stable + 1] & 1) != 0;

    /// <summary>Whether the client asks for a WebSocket.</summary>
    public bool IsWebSocket => (_payload[_stable + 1] & 2) != 0;

    /// <summary>
    /// Whether it is said where the application is mounted, the beginning of the path: by the variable SCRIPT_NAME, decoded, if
    /// there is one, else by the field script_name.
    /// </summary>
    public bool HasScriptName => (_payload[_stable + 1] & 4) != 0;

    /// <summary>Whether the addresses are those of a PROXY protocol header.</summary>
    public bool IsProxied => (_payload[_stable + 1] & 8) != 0;

    /// <summary>Port the client connected to, or 0.</summary>
    public ushort ServerPort => BinaryPrimitives.ReadUInt16LittleEndian(_payload[(_stable + 2)..]);

    /// <summary>Address the client connected to, or the path of the Unix socket.</summary>
    public ReadOnlySpan<byte> ServerHost => _payload.Slice(_stable + StableFixedSize, _payload[_stable + 4]);

    /// <summary>Whether a web server gave <see cref="Variables"/>.</summary>
    public bool HasVariables => (_payload[_stable + 1] & 16) != 0;

    /// <summary>The part of <see cref="Stable"/> before the header block.</summary>
    public ReadOnlySpan<byte> Listener => _payload.Slice(_stable, StableFixedSize + _payload[_stable + 4]);

    /// <summary>Header fields.</summary>
    public HeaderBlock Headers { get; }

    /// <summary>
    /// What a web server, or the front about TLS, says beside the request, with the names as they are. No block at all without
    /// them (<see cref="HasVariables"/>).
    /// </summary>
    public HeaderBlock Variables { get; }

    /// <summary>Reads and verifies a request head.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out RequestHead head)
    {
        head = default;
        if (payload.Length < FixedSize)
        {
            return false;
        }

        int stable = FirstSize + payload[12] + payload[13] + BinaryPrimitives.ReadUInt16LittleEndian(payload[14..]);
        if (payload[12] == 0 || payload.Length < stable + StableFixedSize + 2
            || payload[stable] is not (10 or 11 or 20 or 30) || payload[stable + 1] > 31
            || BinaryPrimitives.ReadInt64LittleEndian(payload[4..]) < -1)
        {
            return false;
        }

        int headers = stable + StableFixedSize + payload[stable + 4];
        if (payload.Length < headers || !HeaderBlock.TryRead(payload[headers..], out HeaderBlock block, out ReadOnlySpan<byte> rest))
        {
            return false;
        }

        HeaderBlock variables = default;
        if (((payload[stable + 1] & 16) != 0 && !HeaderBlock.TryRead(rest, out variables, out rest)) || rest.Length > 0)
        {
            return false;
        }

        head = new RequestHead(payload, stable, block, variables);
        return true;
    }

    /// <summary>
    /// Writes the parts that change and returns the bytes written. The stable part must follow at once, see
    /// <see cref="WriteStable"/>.
    /// </summary>
    public static int WriteFirst(
        Span<byte> destination, ushort slot, ushort clientPort, long contentLength,
        ReadOnlySpan<byte> method, ReadOnlySpan<byte> clientHost, ReadOnlySpan<byte> target)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, slot);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], clientPort);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], contentLength);
        destination[12] = checked((byte)method.Length);
        destination[13] = checked((byte)clientHost.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[14..], checked((ushort)target.Length));
        method.CopyTo(destination[FirstSize..]);
        clientHost.CopyTo(destination[(FirstSize + method.Length)..]);
        target.CopyTo(destination[(FirstSize + method.Length + clientHost.Length)..]);
        return FirstSize + method.Length + clientHost.Length + target.Length;
    }

    /// <summary>
    /// Writes the stable part up to the header block, which the caller appends, and behind it the block of variables if there are.
    /// Returns the bytes written.
    /// </summary>
    public static int WriteStable(
        Span<byte> destination, byte version, bool https, bool webSocket, ushort serverPort, ReadOnlySpan<byte> serverHost,
        bool scriptName = false, bool proxied = false, bool variables = false)
    {
        destination[0] = version;
        destination[1] = (byte)((https ? 1 : 0) | (webSocket ? 2 : 0) | (scriptName ? 4 : 0) | (proxied ? 8 : 0) | (variables ? 16 : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], serverPort);
        destination[4] = checked((byte)serverHost.Length);
        serverHost.CopyTo(destination[StableFixedSize..]);
        return StableFixedSize + serverHost.Length;
    }
}
