using Darter.Server.Configuration.Routes;
using Darter.Transport;

namespace Darter.Server.Configuration;

/// <summary>The front's settings: immutable, verified, all defaults filled in.</summary>
public sealed record ServerConfig
{
    /// <summary>Where to listen, at least one address.</summary>
    public required IReadOnlyList<BindAddress> Binds { get; init; }

    /// <summary>How long an idle connection is kept open. Default 75 s, as nginx: idle connections cost Python nothing.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>How long requests may take to finish once the server is asked to stop. Default 30 s, as Gunicorn.</summary>
    public TimeSpan GracefulTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to send a request's header section (408 afterwards). Default 30 s.</summary>
    public TimeSpan RequestHeaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest request line in bytes (414 beyond). Default 8190.</summary>
    public int LimitRequestLine { get; init; } = 8190;

    /// <summary>Most header fields of a request (431 beyond). Default 100, as Gunicorn.</summary>
    public int LimitRequestFields { get; init; } = 100;

    /// <summary>Longest header field of a request, name and value, in bytes (431 beyond). Default 8190, as Gunicorn.</summary>
    public int LimitRequestFieldSize { get; init; } = 8190;

    /// <summary>Largest request body in bytes (413 beyond); null: unlimited, as Gunicorn.</summary>
    public long? LimitRequestBody { get; init; }

    /// <summary>What to do with header fields whose name has an underscore. Default: drop.</summary>
    public HeaderMap HeaderMap { get; init; } = HeaderMap.Drop;

    /// <summary>Connections the kernel may keep waiting for us to accept them. Default 2048, as Gunicorn.</summary>
    public int Backlog { get; init; } = 2048;

    /// <summary>Whether other processes may listen on the same TCP addresses (SO_REUSEPORT). Default no, as Gunicorn.</summary>
    public bool ReusePort { get; init; }

    /// <summary>
    /// Who may connect to Unix sockets, where the address does not say it. Default: everybody, as Gunicorn, whose umask is 0.
    /// </summary>
    public UnixSocketAccess UnixSocketAccess { get; init; } = new(EverybodyMayUse);

    /// <summary>
    /// Most requests and WebSockets at a time (503 beyond); 0: no limit, as uvicorn.
    /// </summary>
    public int LimitConcurrency { get; init; }

    /// <summary>HTTP/2.</summary>
    public Http2Config Http2 { get; init; } = new();

    /// <summary>Folders whose files the front of an application sends itself, the first that fits first. Default none.</summary>
    public IReadOnlyList<FolderConfig> Folders { get; init; } = [];

    /// <summary>Folders whose files the application may have sent by naming their paths in X-Sendfile. Default none: the field is passed on.</summary>
    public IReadOnlyList<string> SendfileFolders { get; init; } = [];

    /// <summary>
    /// Paths of the URL, with their folders, whose files the application may have sent by X-Accel-Redirect. Clients do not reach
    /// them. Default none: the field is passed on.
    /// </summary>
    public IReadOnlyList<FolderConfig> AccelFolders { get; init; } = [];

    /// <summary>Which requests go where, the first that fits first; one that fits none is the only application's, else 404. Default none.</summary>
    public IReadOnlyList<RouteConfig> Routes { get; init; } = [];

    /// <summary>What of the application's answers is compressed; null: nothing. Default: nothing.</summary>
    public CompressionConfig? Compression { get; init; }

    /// <summary>WebSockets.</summary>
    public WebSocketConfig WebSockets { get; init; } = new();

    /// <summary>Held connections, and publishing to them.</summary>
    public HubConfig Hub { get; init; } = new();

    /// <summary>The cache of the application's answers.</summary>
    public CacheConfig Cache { get; init; } = new();

    /// <summary>Servers that requests can be given to, by name. Default none.</summary>
    public IReadOnlyDictionary<string, UpstreamConfig> Upstreams { get; init; } = new Dictionary<string, UpstreamConfig>();

    /// <summary>Paths whose requests go to upstreams, the first that fits first. Default none.</summary>
    public IReadOnlyList<UpstreamPath> UpstreamPaths { get; init; } = [];

    /// <summary>The values that workers share.</summary>
    public SharedCacheConfig SharedCache { get; init; } = new();

    /// <summary>The Redis where shared values are, for several machines; null: they are in this server. Default: none.</summary>
    public RedisAddress? CacheRedis { get; init; }

    /// <summary>The control socket; null: none.</summary>
    public ControlConfig? Control { get; init; }

    /// <summary>Which proxies are believed, and what.</summary>
    public ProxyConfig Proxy { get; init; } = new();

    /// <summary>What is logged and measured.</summary>
    public LoggingConfig Logging { get; init; } = new();

    /// <summary>How the server tells others how it is.</summary>
    public HealthConfig Health { get; init; } = new();

    /// <summary>Whether pages get a script that fetches them again when the application has changed. Default: no; <c>darter dev</c>: yes.</summary>
    public bool LiveReload { get; init; }

    /// <summary>The certificate; null: the server speaks no https. Default: none.</summary>
    public TlsConfig? Tls { get; init; }

    /// <summary>Where to listen for http only to send clients to https. Default: nowhere.</summary>
    public IReadOnlyList<BindAddress> RedirectBinds { get; init; } = [];

    /// <summary>The port that clients are sent to; 0: that of the first address. Default 0.</summary>
    public int RedirectPort { get; init; }

    /// <summary>The value of Strict-Transport-Security (RFC 6797) in responses over https; null: none. Default: none.</summary>
    public string? HttpsOnly { get; init; }

    /// <summary>Whether HTTP/3 is spoken too, at the addresses that speak https; needs <see cref="Tls"/>. Default: no.</summary>
    public bool Http3 { get; init; }

    /// <summary>The UDP port that clients are told to use for HTTP/3; 0: that of the address they reached. Default 0.</summary>
    public int Http3Port { get; init; }

    /// <summary>Event loops. One serves more requests than several Python processes answer; default one for each four cores.</summary>
    public int Loops { get; init; } = DefaultLoops;

    /// <summary>Whether the loops do several sends and receives in one call of the system where the kernel allows it; <c>--io-uring</c>.</summary>
    public bool UsesIoUring { get; init; } = true;

    /// <summary>All permissions of a file; a umask takes from them.</summary>
    internal const UnixFileMode EverybodyMayUse = (UnixFileMode)0x1FF;

    /// <summary>The default of <see cref="Loops"/>.</summary>
    public static int DefaultLoops => Math.Max(1, Environment.ProcessorCount / 4);

    /// <summary>Bytes all header fields of a request may have; a bound for buffers, above the limits of single fields.</summary>
    internal int LimitRequestHeaders => Math.Max(32 * 1024, 2 * LimitRequestFieldSize);
}
