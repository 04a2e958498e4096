using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>The head of the requests with the events of one WebSocket: what they have in common is made once.</summary>
internal sealed class EventRequestHead
{
    private readonly ushort _clientPort;
    private readonly byte[] _clientHost;
    private readonly byte[] _target;
    private readonly byte[] _stable;
    private readonly byte[] _fields;
    private readonly int _fieldCount;
    private readonly byte[] _variables;

    /// <param name="clientHost">The client's address.</param>
    /// <param name="clientPort">Its port.</param>
    /// <param name="target">The target, as the application is to see it.</param>
    /// <param name="stable">What <see cref="RequestHead.WriteStable"/> wrote.</param>
    /// <param name="fields">Header fields, see <see cref="EventRequestFields"/>.</param>
    /// <param name="variables">The block of variables, if <paramref name="stable"/> says that there is one; else empty.</param>
    internal EventRequestHead(
        ReadOnlySpan<byte> clientHost, ushort clientPort, string target, ReadOnlySpan<byte> stable, EventRequestFields fields, ReadOnlySpan<byte> variables)
    {
        _clientHost = clientHost.ToArray();
        _clientPort = clientPort;
        _target = Encoding.Latin1.GetBytes(target);
        _stable = stable.ToArray();
        _fields = fields.ToArray();
        _fieldCount = fields.Count;
        _variables = variables.ToArray();
    }

    /// <summary>Writes the REQUEST frame.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="slot">The slot of its claim.</param>
    /// <param name="length">Bytes of its body.</param>
    /// <param name="meta">What the application wants to be told about the WebSocket; null: nothing.</param>
    /// <param name="signature">The value of Grip-Sig, or null.</param>
    internal void Write(FrameWriter writer, uint stream, ushort slot, int length, EventMeta? meta, string? signature)
    {
        Span<byte> payload = writer.Begin(
            RequestHead.FixedSize + _clientHost.Length + _target.Length + _stable.Length + _fields.Length + (meta?.Size ?? 0) + (signature?.Length ?? 0)
            + _variables.Length + 64);
        int offset = RequestHead.WriteFirst(payload, slot, _clientPort, length, "POST"u8, _clientHost, _target);
        _stable.CopyTo(payload[offset..]);
        offset += _stable.Length;
        Span<byte> count = payload[offset..];
        offset += 2;
        _fields.CopyTo(payload[offset..]);
        offset += _fields.Length;
        int fields = _fieldCount + 1;
        Span<byte> digits = stackalloc byte[16];
        _ = length.TryFormat(digits, out int written, default, CultureInfo.InvariantCulture);
        offset += HeaderBlock.WriteField(payload[offset..], "content-length"u8, digits[..written]);
        if (signature is not null)
        {
            offset += HeaderBlock.WriteField(payload[offset..], "grip-sig"u8, Encoding.ASCII.GetBytes(signature));
            fields++;
        }

        if (meta is not null)
        {
            offset += meta.Write(payload[offset..]);
            fields += meta.Count;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(count, (ushort)fields);
        _variables.CopyTo(payload[offset..]);
        offset += _variables.Length;
        writer.Complete(FrameType.Request, length == 0 ? FrameFlags.End : FrameFlags.None, stream, offset);
    }
}
