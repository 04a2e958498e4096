using Darter.Server.Configuration;
using Darter.Server.Protocols.FastCgi;
using Darter.Server.Protocols.Scgi;
using Darter.Server.Protocols.Uwsgi;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Darter.Server.Protocols;

/// <summary>The gateway protocols by their names.</summary>
internal static class GatewayProtocols
{
    private static readonly UwsgiFormat s_uwsgi = new();
    private static readonly ScgiFormat s_scgi = new();

    /// <summary>What serves the connections of a listener.</summary>
    internal static ConnectionDelegate Serve(ListenerProtocol protocol, GatewayListener listener) => protocol switch
    {
        ListenerProtocol.Uwsgi => new HeadConnection(listener, s_uwsgi).OnConnectionAsync,
        ListenerProtocol.Scgi => new HeadConnection(listener, s_scgi).OnConnectionAsync,
        ListenerProtocol.FastCgi => connection => new FastCgiConnection(connection, listener).RunAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "HTTP is no gateway protocol."),
    };

    /// <summary>A listener as its address is written: <c>uwsgi://HOST:PORT</c> or <c>uwsgi:unix:PATH</c>.</summary>
    internal static string Display(ListenerProtocol protocol, ListenOptions listener)
    {
        string scheme = protocol switch
        {
            ListenerProtocol.Uwsgi => "uwsgi",
            ListenerProtocol.Scgi => "scgi",
            _ => "fastcgi",
        };
        return listener.SocketPath is { } path ? $"{scheme}:unix:{path}" : $"{scheme}://{listener.EndPoint}";
    }
}
