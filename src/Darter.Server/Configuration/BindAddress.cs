using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;

namespace Darter.Server.Configuration;

/// <summary>
/// An address to listen at: <c>HOST:PORT</c>, <c>[IPV6]:PORT</c>, <c>:PORT</c> (all IPv4 interfaces), <c>PORT</c> (loopback),
/// <c>unix:PATH</c>, with <c>?mode=660&amp;user=NAME&amp;group=NAME</c>, or <c>fd://N</c>, a socket that the parent process opened.
/// Before it may stand what is spoken there, if it is not HTTP: <c>uwsgi://HOST:PORT</c>, <c>uwsgi:unix:PATH</c>.
/// </summary>
public sealed partial record BindAddress(string Text, IReadOnlyList<EndPoint> EndPoints)
{
    private const int DefaultPort = 8000;

    private static readonly (string Scheme, ListenerProtocol Protocol)[] s_schemes =
        [("uwsgi:", ListenerProtocol.Uwsgi), ("fastcgi:", ListenerProtocol.FastCgi), ("scgi:", ListenerProtocol.Scgi)];

    /// <summary>Who may connect to the Unix socket, as far as the address says so.</summary>
    public UnixSocketAccess? Access { get; init; }

    /// <summary>What is spoken there. Default: HTTP.</summary>
    public ListenerProtocol Protocol { get; init; }

    /// <summary>Who may connect to the Unix socket: as the address says, and as usual where it does not.</summary>
    internal UnixSocketAccess AccessOr(UnixSocketAccess usual) =>
        Access is { } access ? new UnixSocketAccess(access.Mode ?? usual.Mode, access.User ?? usual.User, access.Group ?? usual.Group) : usual;

    /// <summary>A socket that the parent process opened.</summary>
    public static BindAddress Inherited(int descriptor) =>
        new($"{DescriptorPrefix}{descriptor}", [new FileHandleEndPoint((ulong)descriptor, FileHandleType.Auto)]);

    /// <summary>Reads an address. When false, <paramref name="error"/> tells the user what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out BindAddress? address, [NotNullWhen(false)] out string? error)
    {
        (string rest, ListenerProtocol protocol) = SplitProtocol(text);
        if (!TryParse(text, rest, out address, out error))
        {
            return false;
        }

        address = address with { Protocol = protocol };
        return true;
    }

    private static (string Address, ListenerProtocol Protocol) SplitProtocol(string text)
    {
        if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            return (text["http://".Length..].TrimEnd('/'), ListenerProtocol.Http);
        }

        foreach ((string scheme, ListenerProtocol protocol) in s_schemes)
        {
            if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                string rest = text[scheme.Length..];
                return (rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..].TrimEnd('/') : rest, protocol);
            }
        }

        return (text, ListenerProtocol.Http);
    }

    private static bool TryParse(string text, string rest, [NotNullWhen(true)] out BindAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        error = null;
        if (rest.StartsWith("unix:", StringComparison.Ordinal))
        {
            return TryUnix(text, rest["unix:".Length..], out address, out error);
        }

        if (rest.StartsWith(DescriptorPrefix, StringComparison.Ordinal))
        {
            return TryDescriptor(text, rest[DescriptorPrefix.Length..], out address, out error);
        }

        if (!TrySplit(rest, out string host, out int port))
        {
            error = $"'{text}' is not an address: write HOST:PORT, [IPV6]:PORT, PORT, unix:PATH or fd://N, with uwsgi://, fastcgi:// or scgi:// before it (uwsgi:unix:PATH)";
            return false;
        }

        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            address = new BindAddress(text, Loopback(port));
        }
        else if (host is "" or "*")
        {
            address = new BindAddress(text, [new IPEndPoint(IPAddress.Any, port)]);
        }
        else if (IPAddress.TryParse(host, out IPAddress? ip))
        {
            address = new BindAddress(text, [new IPEndPoint(ip, port)]);
        }
        else
        {
            return TryResolve(text, host, port, out address, out error);
        }

        return true;
    }

    private static IReadOnlyList<EndPoint> Loopback(int port) =>
        Socket.OSSupportsIPv6 && port != 0
            ? [new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(IPAddress.IPv6Loopback, port)]
            : [new IPEndPoint(IPAddress.Loopback, port)];

    private static bool TryResolve(string text, string host, int port, out BindAddress? address, out string? error)
    {
        try
        {
            IPAddress[] addresses = Dns.GetHostAddresses(host);
            address = new BindAddress(text, [.. addresses.Select(ip => new IPEndPoint(ip, port))]);
            error = null;
            return true;
        }
        catch (SocketException exception)
        {
            address = null;
            error = $"the host of '{text}' cannot be found: {exception.Message}";
            return false;
        }
    }

    private static bool TrySplit(string text, out string host, out int port)
    {
        host = "127.0.0.1";
        port = DefaultPort;
        if (text.Length == 0)
        {
            return false;
        }

        if (text[0] == '[')
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || !IPAddress.TryParse(text[1..end], out _))
            {
                return false;
            }

            host = text[1..end];
            return end + 1 == text.Length || (text[end + 1] == ':' && TryPort(text[(end + 2)..], out port));
        }

        int colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            if (TryPort(text, out int only))
            {
                port = only;
            }
            else
            {
                host = text;
            }

            return true;
        }

        host = text[..colon];
        return !host.Contains(':', StringComparison.Ordinal) && TryPort(text[(colon + 1)..], out port);
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;
}
