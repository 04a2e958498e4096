using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Darter.Server.Configuration;

namespace Darter.Server.Proxies;

/// <summary>
/// A header of the PROXY protocol (haproxy's doc/proxy-protocol.txt): who the client of a proxy is that passes a connection
/// on without looking into it.
/// </summary>
/// <param name="Client">The client's address; null: unknown, or the proxy speaks for itself.</param>
/// <param name="Server">The address that the client connected to; null likewise.</param>
/// <param name="Length">Bytes that the header takes.</param>
internal readonly record struct ProxyHeader(EndPoint? Client, EndPoint? Server, int Length)
{
    /// <summary>The longest header of version 1, CR LF included (section 2.1).</summary>
    private const int LongestLine = 107;

    private const int FixedSize = 16;
    private const int Inet4Size = 12;
    private const int Inet6Size = 36;
    private const int UnixPathSize = 108;

    private static ReadOnlySpan<byte> Line => "PROXY "u8;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads a header.</summary>
    internal static ProxyHeaderStatus TryRead(ReadOnlySpan<byte> bytes, ProxyProtocol protocol, out ProxyHeader header)
    {
        header = default;
        ProxyHeaderStatus status = ProxyHeaderStatus.None;
        if (protocol is ProxyProtocol.V1 or ProxyProtocol.Auto)
        {
            status = StatusOf(bytes, Line);
            if (status == ProxyHeaderStatus.Complete)
            {
                return ReadLine(bytes, ref header);
            }
        }

        if (status == ProxyHeaderStatus.None && protocol is ProxyProtocol.V2 or ProxyProtocol.Auto)
        {
            status = StatusOf(bytes, Signature);
            if (status == ProxyHeaderStatus.Complete)
            {
                return ReadBinary(bytes, ref header);
            }
        }

        return status;
    }

    private static ProxyHeaderStatus StatusOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> beginning) =>
        bytes.StartsWith(beginning) ? ProxyHeaderStatus.Complete
        : beginning.StartsWith(bytes) ? ProxyHeaderStatus.NeedMore
        : ProxyHeaderStatus.None;

    private static ProxyHeaderStatus ReadLine(ReadOnlySpan<byte> bytes, ref ProxyHeader header)
    {
        int end = bytes[..Math.Min(bytes.Length, LongestLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            return bytes.Length < LongestLine ? ProxyHeaderStatus.NeedMore : ProxyHeaderStatus.Malformed;
        }

        string[] words = Encoding.Latin1.GetString(bytes[Line.Length..end]).Split(' ');
        if (words[0] == "UNKNOWN")
        {
            // What follows is to be ignored.
            header = new ProxyHeader(null, null, end + 2);
            return ProxyHeaderStatus.Complete;
        }

        AddressFamily family = words[0] switch
        {
            "TCP4" => AddressFamily.InterNetwork,
            "TCP6" => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        if (words.Length != 5
            || !TryParse(words[1], family, out IPAddress client) || !TryParse(words[2], family, out IPAddress server)
            || !TryParsePort(words[3], out int clientPort) || !TryParsePort(words[4], out int serverPort))
        {
            return ProxyHeaderStatus.Malformed;
        }

        header = new ProxyHeader(new IPEndPoint(client, clientPort), new IPEndPoint(server, serverPort), end + 2);
        return ProxyHeaderStatus.Complete;
    }

    private static bool TryParse(string text, AddressFamily family, out IPAddress address)
    {
        // IPv6 with an IPv4 address mapped into it is IPv6 here.
        bool isParsed = TrustedAddresses.TryParseAddress(text, out IPAddress? parsed);
        address = parsed ?? IPAddress.None;
        return isParsed && text.Contains(':', StringComparison.Ordinal) == (family == AddressFamily.InterNetworkV6) && family != AddressFamily.Unspecified;
    }

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
        && port <= ushort.MaxValue
        && (text.Length == 1 || text[0] != '0');

    private static ProxyHeaderStatus ReadBinary(ReadOnlySpan<byte> bytes, ref ProxyHeader header)
    {
        if (bytes.Length < FixedSize)
        {
            return ProxyHeaderStatus.NeedMore;
        }

        int version = bytes[12] >> 4;
        int command = bytes[12] & 0xF;
        if (version != 2 || command > 1)
        {
            return ProxyHeaderStatus.Malformed;
        }

        int length = FixedSize + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (bytes.Length < length)
        {
            return ProxyHeaderStatus.NeedMore;
        }

        header = new ProxyHeader(null, null, length);
        if (command == 0)
        {
            // LOCAL: a health check of the proxy's own, say. Whatever else it says is to be ignored.
            return ProxyHeaderStatus.Complete;
        }

        // Behind the addresses may stand anything (TLVs).
        ReadOnlySpan<byte> addresses = bytes[FixedSize..length];
        switch (bytes[13])
        {
            case 0x00:
                return ProxyHeaderStatus.Complete;

            case 0x11 when addresses.Length >= Inet4Size:
                header = new ProxyHeader(
                    EndPointOf(addresses[..4], addresses[8..]), EndPointOf(addresses.Slice(4, 4), addresses[10..]), length);
                return ProxyHeaderStatus.Complete;

            case 0x21 when addresses.Length >= Inet6Size:
                header = new ProxyHeader(
                    EndPointOf(addresses[..16], addresses[32..]), EndPointOf(addresses.Slice(16, 16), addresses[34..]), length);
                return ProxyHeaderStatus.Complete;

            case 0x31 when addresses.Length >= 2 * UnixPathSize:
                header = new ProxyHeader(
                    EndPointOf(addresses[..UnixPathSize]), EndPointOf(addresses.Slice(UnixPathSize, UnixPathSize)), length);
                return ProxyHeaderStatus.Complete;

            default:
                // Too short, or UDP, which HTTP/1 and HTTP/2 do not come over.
                return ProxyHeaderStatus.Malformed;
        }
    }

    private static IPEndPoint EndPointOf(ReadOnlySpan<byte> address, ReadOnlySpan<byte> port)
    {
        IPAddress ip = new(address);
        return new IPEndPoint(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, BinaryPrimitives.ReadUInt16BigEndian(port));
    }

    private static UnixDomainSocketEndPoint EndPointOf(ReadOnlySpan<byte> path)
    {
        // An abstract address begins with a NUL; its name is of no use to anybody here.
        int end = path.IndexOf((byte)0);
        string text = Encoding.UTF8.GetString(end < 0 ? path[..^1] : path[..end]);
        return new UnixDomainSocketEndPoint(Encoding.UTF8.GetByteCount(text) is > 0 and < UnixPathSize ? text : "unix");
    }
}
