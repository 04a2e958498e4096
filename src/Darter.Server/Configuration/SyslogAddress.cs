using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;

namespace Darter.Server.Configuration;

/// <summary>
/// Where a syslog server listens, written as Gunicorn's setting: <c>udp://HOST:PORT</c>, <c>tcp://HOST:PORT</c> or
/// <c>unix://PATH</c>, the last one with <c>#dgram</c> or <c>#stream</c> behind it if need be.
/// </summary>
public sealed record SyslogAddress
{
    private const int DefaultPort = 514;

    /// <summary>As typed.</summary>
    public required string Text { get; init; }

    /// <summary>The path of a Unix socket, or null.</summary>
    public string? Path { get; init; }

    /// <summary>The host, if it is no Unix socket.</summary>
    public string Host { get; init; } = "";

    /// <summary>The port, if it is no Unix socket.</summary>
    public int Port { get; init; }

    /// <summary>Datagrams or a stream; null, of a Unix socket: what the server has.</summary>
    public SocketType? Type { get; init; }

    /// <summary>Reads an address. False: it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SyslogAddress? address)
    {
        address = null;
        if (text.StartsWith("unix://", StringComparison.Ordinal))
        {
            string rest = text["unix://".Length..];
            int mark = rest.IndexOf('#', StringComparison.Ordinal);
            string path = mark < 0 ? rest : rest[..mark];
            SocketType? type = null;
            switch (mark < 0 ? "" : rest[(mark + 1)..])
            {
                case "":
                    break;
                case "dgram":
                    type = SocketType.Dgram;
                    break;
                case "stream":
                    type = SocketType.Stream;
                    break;
                default:
                    return false;
            }

            // 107 bytes fit into the address of a Unix socket.
            if (path.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(path) <= 107)
            {
                address = new SyslogAddress { Text = text, Path = path, Type = type };
            }

            return address is not null;
        }

        SocketType socket = text.StartsWith("tcp://", StringComparison.Ordinal) ? SocketType.Stream : SocketType.Dgram;
        if ((socket == SocketType.Dgram && !text.StartsWith("udp://", StringComparison.Ordinal))
            || !TrySplit(text["udp://".Length..], DefaultPort, out string host, out int port))
        {
            return false;
        }

        address = new SyslogAddress { Text = text, Host = host.Length == 0 ? "localhost" : host, Port = port, Type = socket };
        return true;
    }

    /// <summary>Reads <c>HOST</c>, <c>HOST:PORT</c>, <c>[IPV6]</c> or <c>[IPV6]:PORT</c>.</summary>
    internal static bool TrySplit(string text, int defaultPort, out string host, out int port)
    {
        port = defaultPort;
        string rest;
        if (text.StartsWith('['))
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            host = end < 0 ? "" : text[1..end];
            rest = end < 0 ? text : text[(end + 1)..];
            if (end < 0)
            {
                return false;
            }
        }
        else
        {
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            host = colon < 0 ? text : text[..colon];
            rest = colon < 0 ? "" : text[colon..];
        }

        return rest.Length == 0
            || (rest[0] == ':'
                && int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
                && port is > 0 and <= ushort.MaxValue);
    }
}
