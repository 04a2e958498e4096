namespace Darter.Server.Configuration;

/// <summary>The settings of the front by the names of their options, to say which of them a reload cannot apply.</summary>
public static class FrontSettings
{
    private static readonly (string Option, Func<ServerConfig, ServerConfig, bool> IsSame)[] s_settings =
    [
        ("--bind", static (a, b) => a.Binds.Select(bind => bind.Text).SequenceEqual(b.Binds.Select(bind => bind.Text))),
        ("--backlog", static (a, b) => a.Backlog == b.Backlog),
        ("--loops", static (a, b) => a.Loops == b.Loops),
        ("--keep-alive", static (a, b) => a.KeepAlive == b.KeepAlive),
        ("--request-header-timeout", static (a, b) => a.RequestHeaderTimeout == b.RequestHeaderTimeout),
        ("--limit-request-line", static (a, b) => a.LimitRequestLine == b.LimitRequestLine),
        ("--limit-request-fields", static (a, b) => a.LimitRequestFields == b.LimitRequestFields),
        ("--limit-request-field-size", static (a, b) => a.LimitRequestFieldSize == b.LimitRequestFieldSize),
        ("--limit-request-body", static (a, b) => a.LimitRequestBody == b.LimitRequestBody),
        ("--limit-concurrency", static (a, b) => a.LimitConcurrency == b.LimitConcurrency),
        ("--header-map", static (a, b) => a.HeaderMap == b.HeaderMap),
        ("--ws-max-size", static (a, b) => a.WebSockets.MaxSize == b.WebSockets.MaxSize),
        ("--ws-max-queue", static (a, b) => a.WebSockets.MaxQueue == b.WebSockets.MaxQueue),
        ("--ws-ping-interval", static (a, b) => a.WebSockets.PingInterval == b.WebSockets.PingInterval),
        ("--ws-ping-timeout", static (a, b) => a.WebSockets.PingTimeout == b.WebSockets.PingTimeout),
        ("--ws-per-message-deflate", static (a, b) => a.WebSockets.PerMessageDeflate == b.WebSockets.PerMessageDeflate),
        ("--control-socket", static (a, b) => a.Control?.Path == b.Control?.Path),
        ("--control-socket-mode", static (a, b) => a.Control is null || b.Control is null || a.Control.Mode == b.Control.Mode),
        ("--no-control-socket", static (a, b) => a.Control is null == b.Control is null),
    ];

    /// <summary>Which options differ, but for those that apply at once (<see cref="Merge"/>).</summary>
    public static IReadOnlyList<string> Changed(ServerConfig present, ServerConfig wanted) =>
        [.. s_settings.Where(setting => !setting.IsSame(present, wanted)).Select(setting => setting.Option)];

    /// <summary>The present settings, with those of the new ones that can change while the server runs.</summary>
    internal static ServerConfig Merge(ServerConfig present, ServerConfig wanted) => present with { GracefulTimeout = wanted.GracefulTimeout };
}
