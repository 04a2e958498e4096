namespace Darter.Server.Configuration;

/// <summary>The settings of the front by the names of their options, to say which of them a reload cannot apply.</summary>
public static class FrontSettings
{
    private static readonly (string Option, Func<ServerConfig, ServerConfig, bool> IsSame)[] s_settings =
    [
        ("--bind", static (a, b) => a.Binds.Select(bind => bind.Text).SequenceEqual(b.Binds.Select(bind => bind.Text))),
        ("--backlog", static (a, b) => a.Backlog == b.Backlog),
        ("--reuse-port", static (a, b) => a.ReusePort == b.ReusePort),
        ("--umask", static (a, b) => a.UnixSocketAccess.Mode == b.UnixSocketAccess.Mode),
        ("--http2-max-concurrent-streams", static (a, b) => a.Http2.MaxConcurrentStreams == b.Http2.MaxConcurrentStreams),
        ("--http2-max-frame-size", static (a, b) => a.Http2.MaxFrameSize == b.Http2.MaxFrameSize),
        ("--loops", static (a, b) => a.Loops == b.Loops),
        ("--io-uring", static (a, b) => a.UsesIoUring == b.UsesIoUring),
        ("--keep-alive", static (a, b) => a.KeepAlive == b.KeepAlive),
        ("--request-header-timeout", static (a, b) => a.RequestHeaderTimeout == b.RequestHeaderTimeout),
        ("--limit-request-line", static (a, b) => a.LimitRequestLine == b.LimitRequestLine),
        ("--limit-request-fields", static (a, b) => a.LimitRequestFields == b.LimitRequestFields),
        ("--limit-request-field-size", static (a, b) => a.LimitRequestFieldSize == b.LimitRequestFieldSize),
        ("--limit-request-body", static (a, b) => a.LimitRequestBody == b.LimitRequestBody),
        ("--limit-concurrency", static (a, b) => a.LimitConcurrency == b.LimitConcurrency),
        ("--header-map", static (a, b) => a.HeaderMap == b.HeaderMap),
        ("--static", static (a, b) => AreSame(a.Folders, b.Folders)),
        ("--x-sendfile", static (a, b) => a.SendfileFolders.SequenceEqual(b.SendfileFolders)),
        ("--x-accel", static (a, b) => AreSame(a.AccelFolders, b.AccelFolders)),
        ("--compress and its options", static (a, b) => a.Compression == b.Compression),
        ("--ws-max-size", static (a, b) => a.WebSockets.MaxSize == b.WebSockets.MaxSize),
        ("--ws-max-queue", static (a, b) => a.WebSockets.MaxQueue == b.WebSockets.MaxQueue),
        ("--ws-ping-interval", static (a, b) => a.WebSockets.PingInterval == b.WebSockets.PingInterval),
        ("--ws-ping-timeout", static (a, b) => a.WebSockets.PingTimeout == b.WebSockets.PingTimeout),
        ("--ws-per-message-deflate", static (a, b) => a.WebSockets.PerMessageDeflate == b.WebSockets.PerMessageDeflate),
        ("--hub", static (a, b) => a.Hub.IsOn == b.Hub.IsOn && a.Hub.Backplane == b.Hub.Backplane),
        ("--hub-websockets", static (a, b) => a.Hub.WebSockets == b.Hub.WebSockets),
        ("--hub-key", static (a, b) => a.Hub.Key == b.Hub.Key),
        ("--hub-issuer", static (a, b) => a.Hub.Issuer == b.Hub.Issuer),
        ("--publish-bind", static (a, b) => a.Hub.PublishBind?.Text == b.Hub.PublishBind?.Text),
        ("--hub-history-size", static (a, b) => a.Hub.HistorySize == b.Hub.HistorySize),
        ("--hub-history-bytes", static (a, b) => a.Hub.HistoryBytes == b.Hub.HistoryBytes),
        ("--hub-history-age", static (a, b) => a.Hub.HistoryAge == b.Hub.HistoryAge),
        ("--hub-max-channels", static (a, b) => a.Hub.MaxChannels == b.Hub.MaxChannels),
        ("--hub-max-connections", static (a, b) => a.Hub.MaxConnections == b.Hub.MaxConnections),
        ("--hub-max-connections-per-address", static (a, b) => a.Hub.MaxConnectionsPerAddress == b.Hub.MaxConnectionsPerAddress),
        ("--hub-max-queue", static (a, b) => a.Hub.MaxQueue == b.Hub.MaxQueue),
        ("--hub-max-message", static (a, b) => a.Hub.MaxMessage == b.Hub.MaxMessage),
        ("--cache", static (a, b) => a.Cache.Size == b.Cache.Size),
        ("--cache-ttl", static (a, b) => a.Cache.Ttl == b.Cache.Ttl),
        ("--cache-max-object", static (a, b) => a.Cache.MaxObject == b.Cache.MaxObject),
        ("--upstream", static (a, b) => a.UpstreamPaths.SequenceEqual(b.UpstreamPaths)),
        ("--cache-redis", static (a, b) => a.CacheRedis == b.CacheRedis),
        ("--shared-cache", static (a, b) => a.SharedCache.Size == b.SharedCache.Size),
        ("--shared-cache-max-item", static (a, b) => a.SharedCache.MaxItem == b.SharedCache.MaxItem),
        ("--shared-cache-bind", static (a, b) => a.SharedCache.Bind?.Text == b.SharedCache.Bind?.Text),
        ("--forwarded-allow-ips", static (a, b) => a.Proxy.Forwarders.HasSameAs(b.Proxy.Forwarders)),
        ("--secure-scheme-headers", static (a, b) => a.Proxy.SecureSchemeHeaders.SequenceEqual(b.Proxy.SecureSchemeHeaders)),
        ("--forwarder-headers", static (a, b) => a.Proxy.ForwarderHeaders.SequenceEqual(b.Proxy.ForwarderHeaders)),
        ("--proxy-protocol", static (a, b) => a.Proxy.Protocol == b.Proxy.Protocol),
        ("--proxy-allow-from", static (a, b) => a.Proxy.ProtocolPeers.HasSameAs(b.Proxy.ProtocolPeers)),
        ("--proxy-headers", static (a, b) => a.Proxy.ProxyHeaders == b.Proxy.ProxyHeaders),
        ("--access-logfile", static (a, b) => a.Logging.AccessFile == b.Logging.AccessFile),
        ("--access-logformat", static (a, b) => (a.Logging.AccessFormat, a.Logging.AccessReadable, a.Logging.AccessColored)
            == (b.Logging.AccessFormat, b.Logging.AccessReadable, b.Logging.AccessColored)),
        ("--access-log-json", static (a, b) => a.Logging.AccessJson == b.Logging.AccessJson),
        ("--error-logfile", static (a, b) => a.Logging.ErrorFile == b.Logging.ErrorFile),
        ("--log-json", static (a, b) => a.Logging.ErrorJson == b.Logging.ErrorJson),
        ("--log-syslog and its options", static (a, b) => a.Logging.Syslog == b.Logging.Syslog),
        ("--statsd-host and its options", static (a, b) => a.Logging.Statsd == b.Logging.Statsd),
        ("--request-id-header", static (a, b) => a.Logging.RequestIdHeader == b.Logging.RequestIdHeader),
        ("--server-timing", static (a, b) => a.Logging.ServerTiming == b.Logging.ServerTiming),
        ("--certfile and the other options of TLS", static (a, b) => a.Tls == b.Tls),
        ("--redirect-http", static (a, b) => a.RedirectBinds.Select(bind => bind.Text).SequenceEqual(b.RedirectBinds.Select(bind => bind.Text))),
        ("--redirect-port", static (a, b) => a.RedirectPort == b.RedirectPort),
        ("--hsts", static (a, b) => a.HttpsOnly == b.HttpsOnly),
        ("--http3", static (a, b) => a.Http3 == b.Http3),
        ("--http3-port", static (a, b) => a.Http3Port == b.Http3Port),
        ("[[routes]], of which there were none at the start (darter upgrade)", static (a, b) => a.Routes.Count > 0 || b.Routes.Count == 0),
        ("--live-reload", static (a, b) => a.LiveReload == b.LiveReload),
        ("--livez", static (a, b) => a.Health.LivePath == b.Health.LivePath),
        ("--readyz", static (a, b) => a.Health.ReadyPath == b.Health.ReadyPath),
        ("--control-socket", static (a, b) => a.Control?.Path == b.Control?.Path),
        ("--control-socket-mode", static (a, b) => a.Control is null || b.Control is null || a.Control.Mode == b.Control.Mode),
        ("--no-control-socket", static (a, b) => a.Control is null == b.Control is null),
    ];

    /// <summary>Which options differ, but for those that apply at once (<see cref="Merge"/>).</summary>
    public static IReadOnlyList<string> Changed(ServerConfig present, ServerConfig wanted) =>
        [.. s_settings.Where(setting => !setting.IsSame(present, wanted)).Select(setting => setting.Option)];

    /// <summary>The present settings, with those of the new ones that can change while the server runs.</summary>
    internal static ServerConfig Merge(ServerConfig present, ServerConfig wanted) => present with
    {
        GracefulTimeout = wanted.GracefulTimeout,
        Routes = present.Routes.Count > 0 ? wanted.Routes : present.Routes,
        Upstreams = wanted.Upstreams,
        Health = present.Health with { DrainDelay = wanted.Health.DrainDelay },
        Logging = present.Logging with { CaptureOutput = wanted.Logging.CaptureOutput },
    };

    private static bool AreSame(IReadOnlyList<FolderConfig> present, IReadOnlyList<FolderConfig> wanted) =>
        present.Select(folder => (folder.Prefix, folder.Folder)).SequenceEqual(wanted.Select(folder => (folder.Prefix, folder.Folder)));
}
