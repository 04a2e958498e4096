using System.Text.RegularExpressions;

namespace Darter.Testing;

/// <summary>The rows of docs/reference/gunicorn.md, with a value for each setting to try it with.</summary>
public static partial class GunicornReference
{
    // Python, none of them Gunicorn's default. What is not here is a switch, or a hook.
    private static readonly Dictionary<string, string> Values = new()
    {
        ["wsgi_app"] = "'shop:app'",
        ["bind"] = "['127.0.0.1:1', 'unix:/run/x']",
        ["backlog"] = "100",
        ["workers"] = "3",
        ["worker_class"] = "'gthread'",
        ["threads"] = "7",
        ["worker_connections"] = "10",
        ["max_requests"] = "500",
        ["max_requests_jitter"] = "50",
        ["timeout"] = "31",
        ["graceful_timeout"] = "31",
        ["keepalive"] = "5",
        ["limit_request_line"] = "5000",
        ["limit_request_fields"] = "50",
        ["limit_request_field_size"] = "5000",
        ["reload_engine"] = "'poll'",
        ["reload_extra_files"] = "['x']",
        ["sendfile"] = "False",
        ["chdir"] = "'/'",
        ["raw_env"] = "['A=1', 'B=2,3']",
        ["pidfile"] = "'/run/x.pid'",
        ["worker_tmp_dir"] = "'/dev/shm'",
        ["user"] = "'daemon'",
        ["group"] = "'daemon'",
        ["umask"] = "0o007",
        ["tmp_upload_dir"] = "'/tmp'",
        ["secure_scheme_headers"] = "{'X-Scheme': 'https'}",
        ["forwarded_allow_ips"] = "'10.0.0.0/8'",
        ["pythonpath"] = "'/a,/b'",
        ["paste"] = "'x.ini'",
        ["proxy_protocol"] = "True",
        ["proxy_allow_ips"] = "'10.0.0.0/8'",
        ["protocol"] = "'uwsgi'",
        ["uwsgi_allow_ips"] = "'10.0.0.0/8'",
        ["raw_paste_global_conf"] = "['a=1']",
        ["forwarder_headers"] = "'REMOTE_USER'",
        ["header_map"] = "'refuse'",
        ["root_path"] = "'/shop'",
        ["accesslog"] = "'-'",
        ["access_log_format"] = "'%(h)s'",
        ["errorlog"] = "'/dev/null'",
        ["loglevel"] = "'DEBUG'",
        ["logger_class"] = "'mine.Logger'",
        ["logconfig"] = "'x.ini'",
        ["logconfig_dict"] = "{'version': 1}",
        ["logconfig_json"] = "'x.json'",
        ["syslog_addr"] = "'udp://localhost:514'",
        ["syslog_prefix"] = "'x'",
        ["syslog_facility"] = "'daemon'",
        ["statsd_host"] = "'localhost:8125'",
        ["dogstatsd_tags"] = "'a:b'",
        ["statsd_prefix"] = "'x'",
        ["proc_name"] = "'shop'",
        ["default_proc_name"] = "'shop'",
        ["keyfile"] = "'x.key'",
        ["certfile"] = "'x.pem'",
        ["ssl_version"] = "5",
        ["cert_reqs"] = "1",
        ["ca_certs"] = "'x.pem'",
        ["suppress_ragged_eofs"] = "False",
        ["ciphers"] = "'ECDHE-RSA-AES128-GCM-SHA256'",
        ["http_protocols"] = "'h2,h1'",
        ["http2_cleartext"] = "'upgrade'",
        ["http2_max_concurrent_streams"] = "50",
        ["http2_initial_window_size"] = "100000",
        ["http2_max_frame_size"] = "20000",
        ["http2_max_header_list_size"] = "100000",
        ["asgi_loop"] = "'asyncio'",
        ["asgi_lifespan"] = "'off'",
        ["asgi_disconnect_grace_period"] = "5",
        ["http_parser"] = "'python'",
        ["dirty_apps"] = "['x:y']",
        ["dirty_workers"] = "1",
        ["dirty_timeout"] = "1",
        ["dirty_threads"] = "2",
        ["dirty_graceful_timeout"] = "1",
        ["control_socket"] = "'/run/x.ctl'",
        ["control_socket_mode"] = "0o660",
    };

    private static readonly Dictionary<string, string> Hooks = new()
    {
        ["on_starting"] = "server",
        ["on_reload"] = "server",
        ["when_ready"] = "server",
        ["pre_fork"] = "server, worker",
        ["post_fork"] = "server, worker",
        ["post_worker_init"] = "worker",
        ["worker_int"] = "worker",
        ["worker_abort"] = "worker",
        ["pre_exec"] = "server",
        ["pre_request"] = "worker, req",
        ["post_request"] = "worker, req, environ, resp",
        ["child_exit"] = "server, worker",
        ["worker_exit"] = "server, worker",
        ["nworkers_changed"] = "server, new, old",
        ["on_exit"] = "server",
        ["ssl_context"] = "config, factory",
        ["on_dirty_starting"] = "arbiter",
        ["dirty_post_fork"] = "arbiter, worker",
        ["dirty_worker_init"] = "worker",
        ["dirty_worker_exit"] = "arbiter, worker",
    };

    /// <summary>All rows.</summary>
    public static IReadOnlyList<GunicornReferenceRow> Rows { get; } =
        [.. Row().Matches(File.ReadAllText(Path.Combine(RepositoryPaths.Root, "docs", "reference", "gunicorn.md"))).Select(RowOf)];

    private static GunicornReferenceRow RowOf(Match match)
    {
        string name = match.Groups[1].Value;
        return new GunicornReferenceRow(
            name,
            [.. Flag().Matches(match.Groups[2].Value).Select(flag => flag.Groups[1].Value)],
            match.Groups[3].Value,
            match.Groups[4].Success ? match.Groups[4].Value : null,
            Hooks.TryGetValue(name, out string? parameters) ? $"def {name}({parameters}): pass" : $"{name} = {Values.GetValueOrDefault(name, "True")}");
    }

    [GeneratedRegex(@"^\| `(\w+)` \| (.*?) \| (same|mapped|no effect|called|refused)(?:: (?:`(--[\w-]+)`|TARGET))? \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Flag();
}
