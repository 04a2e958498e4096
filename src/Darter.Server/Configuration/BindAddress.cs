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
/// Before it may stand what is spoken there: <c>https://HOST:PORT</c>, <c>http:unix:PATH</c>, <c>uwsgi://HOST:PORT</c>, <c>uwsgi:unix:PATH</c>.
/// </summary>
public sealed partial record BindAddress(string Text, IReadOnlyList<EndPoint> EndPoints)
{
    private const int DefaultPort = 8000;
    private const int DefaultTlsPort = 443;

    private static readonly (string Scheme, ListenerProtocol Protocol, bool? IsTls)[] s_schemes =
    [
        ("http:", ListenerProtocol.Http, false),
        ("https:", ListenerProtocol.Http, true),
        ("uwsgi:", ListenerProtocol.Uwsgi, null),
        ("fastcgi:", ListenerProtocol.FastCgi, null),
        ("scgi:", ListenerProtocol.Scgi, null),
    ];

    /// <summary>Who may connect to the Unix socket, as far as the address says so.</summary>
    public UnixSocketAccess? Access { get; init; }

    /// <summary>What is spoken there. Default: HTTP.</summary>
    public ListenerProtocol Protocol { get; init; }

    /// <summary>Whether https is spoken there: true or false if the address says so; null: where there is a certificate. Default null.</summary>
    public bool? IsTls { get; init; }

    /// <summary>Whether http can be spoken there, which is what other servers of Darter's than that of applications speak.</summary>
    public bool IsPlain => Protocol == ListenerProtocol.Http && IsTls != true;

    /// <summary>Who may connect to the Unix socket: as the address says, and as usual where it does not.</summary>
    internal UnixSocketAccess AccessOr(UnixSocketAccess usual) =>
        Access is { } access ? new UnixSocketAccess(access.Mode ?? usual.Mode, access.User ?? usual.User, access.Group ?? usual.Group) : usual;

    /// <summary>A socket that the parent process opened.</summary>
    public static BindAddress Inherited(int descriptor) =>
        new($"{DescriptorPrefix}{descriptor}", [new FileHandleEndPoint((ulong)descriptor, FileHandleType.Auto)]);

    /// <summary>Reads an address. When false, <paramref name="error"/> tells the user what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out BindAddress? address, [NotNullWhen(false)] out string? error)
    {
        (string rest, ListenerProtocol protocol, bool? isTls) = SplitProtocol(text);
        if (!TryParse(text, rest, isTls == true ? DefaultTlsPort : DefaultPort, out address, out error))
        {
            return false;
        }

        address = address with { Protocol = protocol, IsTls = isTls };
        return true;
    }

    private static (string Address, ListenerProtocol Protocol, bool? IsTls) SplitProtocol(string text)
    {
        foreach ((string scheme, ListenerProtocol protocol, bool? isTls) in s_schemes)
        {
            if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                string rest = text[scheme.Length..];
                return (rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..].TrimEnd('/') : rest, protocol, isTls);
            }
        }

        return (text, ListenerProtocol.Http, null);
    }

    private static bool TryParse(string text, string rest, int defaultPort, [NotNullWhen(true)] out BindAddress? address, [NotNullWhen(false)] out string? error)
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

        if (!TrySplit(rest, defaultPort, out string host, out int port))
        {
            error = $"'{text}' is not an address: write HOST:PORT, [IPV6]:PORT, PORT, unix:PATH or fd://N, with http://, https://, uwsgi://, fastcgi:// or scgi:// before it (uwsgi:unix:PATH)";
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

    private static bool TrySplit(string text, int defaultPort, out string host, out int port)
    {
        host = "127.0.0.1";
        port = defaultPort;
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
