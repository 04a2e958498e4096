namespace Darter.Cli.Importing;

/// <summary>What becomes of nginx's directives that no key of Darter's stands for.</summary>
internal static class NginxNotes
{
    private const string Self = "needs no setting: Darter sees to it";
    private const string Cache = "[cache] memory, and a route's cache, keep answers";

    private static readonly Dictionary<string, string> s_notes = new()
    {
        ["events"] = Self,
        ["worker_processes"] = Self,
        ["worker_connections"] = Self,
        ["sendfile"] = Self,
        ["tcp_nopush"] = Self,
        ["tcp_nodelay"] = Self,
        ["types_hash_max_size"] = Self,
        ["default_type"] = Self,
        ["types"] = Self,
        ["proxy_http_version"] = Self,
        ["proxy_buffering"] = Self,
        ["proxy_request_buffering"] = Self,
        ["proxy_redirect"] = "an application behind Darter gets the client's Host, and makes links by it",
        ["keepalive"] = "needs no setting: connections to destinations are kept, for keep_alive",
        ["keepalive_requests"] = Self,
        ["zone"] = Self,
        ["gzip_vary"] = Self,
        ["gzip_proxied"] = Self,
        ["gzip_comp_level"] = Self,
        ["gzip_disable"] = Self,
        ["gzip_static"] = "needs no setting: compressed files beside the others are sent",
        ["server_tokens"] = Self,
        ["ssl_session_cache"] = Self,
        ["ssl_session_timeout"] = Self,
        ["ssl_session_tickets"] = Self,
        ["ssl_prefer_server_ciphers"] = Self,
        ["ssl_dhparam"] = "needs no setting: keys are exchanged over elliptic curves",
        ["ssl_ciphers"] = "tls.ciphers has the names of cipher suites, not OpenSSL's expressions; without it the system's are used",
        ["ssl_trusted_certificate"] = "tls.client_ca names the authorities of clients",
        ["ssl_verify_depth"] = Self,
        ["user"] = "user and group at the top of the file name whom front and workers become",
        ["pid"] = "pid = \"FILE\" names it",
        ["log_format"] = "access_logformat has Gunicorn's placeholders",
        ["charset"] = "files of text are UTF-8; the application says what its answers are",
        ["error_page"] = "answers are passed on as they are; a route with response has fixed ones",
        ["if"] = "conditions are routes of their own: match on method, headers and host",
        ["map"] = "variables have no equivalent: match on host, path and headers",
        ["set"] = "variables have no equivalent: match on host, path and headers",
        ["geo"] = "a route's source, allow and deny take networks",
        ["auth_basic_user_file"] = "auth = { users = { NAME = \"HASH\" } } has hashes that 'darter files --hash-password' prints",
        ["auth_request"] = "has no equivalent: let the application ask",
        ["proxy_cache"] = Cache,
        ["proxy_cache_path"] = Cache,
        ["proxy_cache_valid"] = Cache,
        ["proxy_cache_key"] = Cache,
        ["uwsgi_cache"] = Cache,
        ["limit_conn"] = "limit_concurrency limits requests at a time",
        ["limit_conn_zone"] = "limit_concurrency limits requests at a time",
        ["set_real_ip_from"] = "forwarded_allow_ips names the proxies that are believed",
        ["real_ip_header"] = "forwarded_allow_ips names the proxies that are believed",
        ["stub_status"] = "'darter status' shows what the server does",
        ["client_body_timeout"] = "needs no setting: a slow client occupies no worker",
        ["send_timeout"] = "needs no setting: a slow client occupies no worker",
        ["client_body_buffer_size"] = Self,
        ["large_client_header_buffers"] = "limit_request_line and limit_request_field_size limit the head of a request",
        ["client_header_buffer_size"] = "limit_request_line and limit_request_field_size limit the head of a request",
        ["internal"] = "accel_folders and sendfile_folders say which files the application may have sent",
        ["resolver"] = "needs no setting: names of destinations are looked up by the system, each resolve_interval",
        ["uwsgi_param"] = Self,
        ["fastcgi_param"] = Self,
        ["proxy_next_upstream"] = "needs no setting: requests that failed go to another destination; retries says to how many",
        ["mail"] = "has no equivalent: Darter speaks HTTP",
        ["stream"] = "has no equivalent: Darter speaks HTTP",
    };

    /// <summary>What of a directive, or null.</summary>
    internal static string? Find(string name) => s_notes.GetValueOrDefault(name)
        ?? (name.StartsWith("proxy_cache", StringComparison.Ordinal) ? Cache
        : name.EndsWith("_buffers", StringComparison.Ordinal) || name.EndsWith("_buffer_size", StringComparison.Ordinal) ? Self
        : null);
}
