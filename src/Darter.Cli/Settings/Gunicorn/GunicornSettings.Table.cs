using System.Collections.Frozen;

namespace Darter.Cli.Settings.Gunicorn;

internal static partial class GunicornSettings
{
    private const string TlsVersion = "TLS 1.2 and 1.3 are spoken; --tls-min-version can leave the first one out";
    private const string OfDev = "reloading on changes is for development: 'darter dev' does it. In production, reload with SIGHUP";
    private const string OfReload = "has a meaning for 'reload' only, which is for development: 'darter dev' has --reload-include";
    private const string Paste = "PasteDeploy files are not read: make a module with \"from paste.deploy import loadapp; application = loadapp('config:/path/to/file.ini')\" and name it as the target";
    private const string Dirty = "there are no dirty workers; run long tasks in a task queue, or in a thread or process of the application";
    private const string Strict = "what it permits is used to smuggle requests past proxies; the request is answered with 400";
    private const string PythonLogging = "sets up Python's logging in Gunicorn's processes, where the front is not one of Python: let the application set up its own (logging.config in its module or in post_worker_init), and use access_log_format, loglevel, accesslog and errorlog for the server's";

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<GunicornSetting> All { get; } =
    [
        // Config File
        Same("config", "--config", "-c", "--config"),
        Same("wsgi_app", OptionTable.Target),

        // Server Socket
        Same("bind", "--bind", "-b", "--bind"),
        Same("backlog", "--backlog", "--backlog"),

        // Worker Processes
        Same("workers", "--workers", "-w", "--workers"),
        Mapped("worker_class", WorkerClasses.Map, "-k", "--worker-class") with { Harmless = ["sync"] },
        Same("threads", "--threads", "--threads"),
        NoEffect("worker_connections", "the front holds the connections, of which there may be any number; limit_concurrency limits the requests at a time", ["1000"], "--worker-connections"),
        Same("max_requests", "--max-requests", "--max-requests"),
        Same("max_requests_jitter", "--max-requests-jitter", "--max-requests-jitter"),
        Same("timeout", "--timeout", "-t", "--timeout"),
        Same("graceful_timeout", "--graceful-timeout", "--graceful-timeout"),
        Same("keepalive", "--keep-alive", "--keep-alive"),

        // Security
        Same("limit_request_line", "--limit-request-line", "--limit-request-line") with { Convert = GunicornValues.Unlimited(65536) },
        Same("limit_request_fields", "--limit-request-fields", "--limit-request-fields") with { Convert = GunicornValues.Unlimited(32768) },
        Same("limit_request_field_size", "--limit-request-field-size", "--limit-request-field_size") with { Convert = GunicornValues.Unlimited(65536) },

        // Debugging
        Refused("reload", OfDev, ["false"], "--reload") with { Takes = GunicornValue.None },
        NoEffect("reload_engine", OfReload, ["auto"], "--reload-engine"),
        NoEffect("reload_extra_files", OfReload, [], "--reload-extra-file"),
        Refused("spew", "there is no trace of every line; py-spy or pdb look into a running worker", ["false"], "--spew") with { Takes = GunicornValue.None },
        Same("check_config", "--check-config", "--check-config") with { Takes = GunicornValue.None },
        Same("print_config", "--print-config", "--print-config") with { Takes = GunicornValue.None },

        // Server Mechanics
        Same("preload_app", "--preload", "--preload") with { Takes = GunicornValue.None },
        NoEffect("sendfile", "files are always read and sent by the front", ["true"], "--no-sendfile") with { Takes = GunicornValue.None, FlagValue = false },
        Same("reuse_port", "--reuse-port", "--reuse-port") with { Takes = GunicornValue.None },
        Same("chdir", "--chdir", "--chdir"),
        Same("daemon", "--daemon", "-D", "--daemon") with { Takes = GunicornValue.None },
        Same("raw_env", "--env", "-e", "--env"),
        Same("pidfile", "--pid", "-p", "--pid"),
        NoEffect("worker_tmp_dir", "workers have no heartbeat file: they are watched over their sockets", [], "--worker-tmp-dir"),
        Same("user", "--user", "-u", "--user"),
        Same("group", "--group", "-g", "--group"),
        Same("umask", "--umask", "-m", "--umask") with { Convert = GunicornValues.Octal },
        Same("initgroups", "--initgroups", "--initgroups") with { Takes = GunicornValue.None },
        NoEffect("tmp_upload_dir", "request bodies are kept in bounded memory, then streamed; there are no temporary files", []),
        Same("secure_scheme_headers", "--secure-scheme-headers") with { Convert = GunicornValues.Fields },
        Same("forwarded_allow_ips", "--forwarded-allow-ips", "--forwarded-allow-ips"),
        Same("pythonpath", "--pythonpath", "--pythonpath"),
        Refused("paste", Paste, [], "--paste", "--paster"),
        Same("proxy_protocol", "--proxy-protocol", "--proxy-protocol") with { Takes = GunicornValue.Optional, Convert = GunicornValues.ProxyProtocol },
        Same("proxy_allow_ips", "--proxy-allow-from", "--proxy-allow-from"),
        Refused("protocol", "only HTTP is served so far; have the proxy in front speak HTTP to Darter", ["http"], "--protocol"),
        NoEffect("uwsgi_allow_ips", "the uwsgi protocol is not served yet, so nobody may speak it", ["127.0.0.1,::1"], "--uwsgi-allow-from"),
        Refused("raw_paste_global_conf", Paste, [], "--paste-global"),
        Refused("permit_obsolete_folding", Strict, ["false"], "--permit-obsolete-folding") with { Takes = GunicornValue.None },
        Refused("strip_header_spaces", Strict, ["false"], "--strip-header-spaces") with { Takes = GunicornValue.None },
        NoEffect("permit_unconventional_http_method", "every method that HTTP allows is passed on, to 255 characters", ["false"], "--permit-unconventional-http-method") with { Takes = GunicornValue.None },
        Refused("permit_unconventional_http_version", "a version that does not exist is answered with 505", ["false"], "--permit-unconventional-http-version") with { Takes = GunicornValue.None },
        Refused("casefold_http_method", "methods are case-sensitive (RFC 9110, 9.1): get is not GET", ["false"], "--casefold-http-method") with { Takes = GunicornValue.None },
        Same("forwarder_headers", "--forwarder-headers", "--forwarder-headers"),
        Same("header_map", "--header-map", "--header-map"),
        Same("root_path", "--root-path", "--root-path"),

        // Logging
        Same("accesslog", "--access-logfile", "--access-logfile"),
        Same("disable_redirect_access_to_syslog", "--disable-redirect-access-to-syslog", "--disable-redirect-access-to-syslog") with { Takes = GunicornValue.None },
        Same("access_log_format", "--access-logformat", "--access-logformat"),
        Same("errorlog", "--error-logfile", "--error-logfile", "--log-file"),
        Same("loglevel", "--log-level", "--log-level") with { Convert = GunicornValues.LowerCase },
        Same("capture_output", "--capture-output", "--capture-output") with { Takes = GunicornValue.None },
        Refused("logger_class", "the front writes the logs, and it is not Python; access_log_format and the --access-log options say what it writes", ["gunicorn.glogging.Logger", "simple", "gunicorn.instrument.statsd.Statsd"], "--logger-class"),
        Refused("logconfig", PythonLogging, [], "--log-config"),
        Refused("logconfig_dict", PythonLogging, []),
        Refused("logconfig_json", PythonLogging, [], "--log-config-json"),
        Same("syslog_addr", "--log-syslog-to", "--log-syslog-to"),
        Same("syslog", "--log-syslog", "--log-syslog") with { Takes = GunicornValue.None },
        Same("syslog_prefix", "--log-syslog-prefix", "--log-syslog-prefix"),
        Same("syslog_facility", "--log-syslog-facility", "--log-syslog-facility"),
        NoEffect("enable_stdio_inheritance", "workers always have the server's standard output and error", ["false"], "-R", "--enable-stdio-inheritance") with { Takes = GunicornValue.None },
        Same("statsd_host", "--statsd-host", "--statsd-host"),
        Same("dogstatsd_tags", "--dogstatsd-tags", "--dogstatsd-tags"),
        Same("statsd_prefix", "--statsd-prefix", "--statsd-prefix"),
        Same("enable_backlog_metric", "--enable-backlog-metric", "--enable-backlog-metric") with { Takes = GunicornValue.None },

        // Process Naming
        Same("proc_name", "--proc-name", "-n", "--name"),
        Mapped("default_proc_name", (value, mapping) => mapping.Set("--proc-name", value)) with { Harmless = ["gunicorn"] },

        // Server Hooks
        Hook("on_starting"),
        Hook("on_reload"),
        Hook("when_ready"),
        Hook("pre_fork"),
        Hook("post_fork"),
        Hook("post_worker_init"),
        Hook("worker_int"),
        Hook("worker_abort"),
        Hook("pre_exec"),
        Hook("pre_request"),
        Hook("post_request"),
        Hook("child_exit"),
        Hook("worker_exit"),
        Hook("nworkers_changed"),
        Hook("on_exit"),
        RefusedHook("ssl_context", "makes an object of Python's, where the front is not Python: use certfile, keyfile, ca_certs, cert_reqs, ciphers and --tls-min-version"),

        // SSL
        Same("keyfile", "--keyfile", "--keyfile"),
        Same("certfile", "--certfile", "--certfile"),
        Refused("ssl_version", TlsVersion, ["2", "17"], "--ssl-version"),
        Same("cert_reqs", "--cert-reqs", "--cert-reqs"),
        Same("ca_certs", "--ca-certs", "--ca-certs"),
        NoEffect("suppress_ragged_eofs", "A client that leaves without saying so is no error", [], "--suppress-ragged-eofs") with { Takes = GunicornValue.None },
        NoEffect("do_handshake_on_connect", "The front does the handshake, and waits for nobody", ["false"], "--do-handshake-on-connect") with { Takes = GunicornValue.None },
        Same("ciphers", "--ciphers", "--ciphers"),

        // HTTP/2
        Mapped("http_protocols", GunicornValues.Protocols, "--http-protocols") with { Harmless = ["h1"] },
        Mapped("http2_cleartext", GunicornValues.Cleartext, "--http2-cleartext") with { Harmless = ["off"] },
        Same("http2_max_concurrent_streams", "--http2-max-concurrent-streams", "--http2-max-concurrent-streams"),
        NoEffect("http2_initial_window_size", "the window of a stream is as large as what the front keeps of a body", ["65535"], "--http2-initial-window-size"),
        Same("http2_max_frame_size", "--http2-max-frame-size", "--http2-max-frame-size"),
        NoEffect("http2_max_header_list_size", "the header section may have 32 KiB, or twice limit_request_field_size if that is more", ["65536"], "--http2-max-header-list-size"),

        // ASGI
        Same("asgi_loop", "--loop", "--asgi-loop"),
        Same("asgi_lifespan", "--lifespan", "--asgi-lifespan"),
        NoEffect("asgi_disconnect_grace_period", "an application is told that its client has left, and is never cancelled", ["3"], "--asgi-disconnect-grace-period"),
        NoEffect("http_parser", "the front parses HTTP, in native code", ["auto"], "--http-parser"),

        // Dirty Arbiters
        Refused("dirty_apps", Dirty, [], "--dirty-app"),
        Refused("dirty_workers", Dirty, ["0"], "--dirty-workers"),
        NoEffect("dirty_timeout", Dirty, ["300"], "--dirty-timeout"),
        NoEffect("dirty_threads", Dirty, ["1"], "--dirty-threads"),
        NoEffect("dirty_graceful_timeout", Dirty, ["30"], "--dirty-graceful-timeout"),
        RefusedHook("on_dirty_starting", Dirty),
        RefusedHook("dirty_post_fork", Dirty),
        RefusedHook("dirty_worker_init", Dirty),
        RefusedHook("dirty_worker_exit", Dirty),

        // Control
        Same("control_socket", "--control-socket", "--control-socket"),
        Same("control_socket_mode", "--control-socket-mode", "--control-socket-mode") with { Convert = GunicornValues.Octal },
        Same("control_socket_disable", "--no-control-socket", "--no-control-socket") with { Takes = GunicornValue.None },
    ];

    // After the table: initializers run in the order of the text.
    private static FrozenDictionary<string, GunicornSetting> ByName { get; } = All.ToFrozenDictionary(setting => setting.Name);

    private static GunicornSetting Same(string name, string option, params string[] flags) =>
        new() { Name = name, Treatment = GunicornTreatment.Same, Option = option, Flags = flags };

    private static GunicornSetting Mapped(string name, Action<SettingValue, GunicornMapping> map, params string[] flags) =>
        new() { Name = name, Treatment = GunicornTreatment.Mapped, Map = map, Flags = flags };

    private static GunicornSetting NoEffect(string name, string reason, string[] harmless, params string[] flags) =>
        new() { Name = name, Treatment = GunicornTreatment.NoEffect, Reason = reason, Harmless = harmless, Flags = flags };

    private static GunicornSetting Refused(string name, string reason, string[] harmless, params string[] flags) =>
        new() { Name = name, Treatment = GunicornTreatment.Refused, Reason = reason, Harmless = harmless, Flags = flags };

    private static GunicornSetting Hook(string name) => new() { Name = name, Treatment = GunicornTreatment.Hook };

    private static GunicornSetting RefusedHook(string name, string reason) =>
        new() { Name = name, Treatment = GunicornTreatment.Hook, Reason = reason };
}
