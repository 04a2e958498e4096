namespace Darter.Cli.Importing;

/// <summary>What becomes of uWSGI's options that no setting of Darter's stands for.</summary>
internal static class UwsgiNotes
{
    private const string Always = "needs no setting: Darter does so";
    private const string Routing = "routes are tables, [[routes]]: match on path, host and headers, then redirect, rewrite, response_headers and the like";
    private const string Adaptive = "Darter keeps the number of workers that workers says; 'darter scale N' changes it";
    private const string Loop = "for many requests at a time use threads, or an ASGI application";
    private const string Tasks = "runs in processes of their own: a task queue, systemd timers or cron";
    private const string Develop = "is for development: 'darter dev' does it";

    private static readonly Dictionary<string, string> s_notes = new()
    {
        ["master"] = Always,
        ["vacuum"] = Always,
        ["die-on-term"] = Always,
        ["need-app"] = "needs no setting: Darter ends with status 3 if the application does not load",
        ["enable-threads"] = Always,
        ["single-interpreter"] = Always,
        ["thunder-lock"] = "needs no setting: one front accepts, and hands requests to workers",
        ["lazy-apps"] = "needs no setting: each worker loads the application, unless preload = true",
        ["lazy"] = "needs no setting: each worker loads the application, unless preload = true",
        ["strict"] = "needs no setting: an unknown key is an error",
        ["no-orphans"] = Always,
        ["manage-script-name"] = "is done by a route's mount",
        ["plugin"] = "there are no plugins: python names the interpreter",
        ["plugins"] = "there are no plugins: python names the interpreter",
        ["protocol"] = "the address says the protocol: uwsgi://, fastcgi:// or scgi://",
        ["buffer-size"] = "limit_request_line and limit_request_field_size limit the head of a request, to 8190 bytes each",
        ["post-buffering"] = "needs no setting: the front takes the body in, the worker reads it",
        ["post-buffering-bufsize"] = "needs no setting: the front takes the body in, the worker reads it",
        ["http-timeout"] = "request_timeout limits a request",
        ["socket-timeout"] = "request_header_timeout limits how long a client may take",
        ["cheaper"] = Adaptive,
        ["cheaper-algo"] = Adaptive,
        ["cheaper-initial"] = Adaptive,
        ["cheaper-step"] = Adaptive,
        ["cheap"] = Adaptive,
        ["idle"] = Adaptive,
        ["gevent"] = Loop,
        ["asyncio"] = Loop,
        ["async"] = Loop,
        ["ugreen"] = Loop,
        ["cron"] = Tasks,
        ["cron2"] = Tasks,
        ["unique-cron"] = Tasks,
        ["mule"] = Tasks,
        ["mules"] = Tasks,
        ["farm"] = Tasks,
        ["spooler"] = Tasks,
        ["spooler-processes"] = Tasks,
        ["attach-daemon"] = Tasks,
        ["smart-attach-daemon"] = Tasks,
        ["py-autoreload"] = Develop,
        ["python-autoreload"] = Develop,
        ["touch-reload"] = "'darter reload' or SIGHUP reloads",
        ["touch-chain-reload"] = "'darter reload' or SIGHUP reloads",
        ["max-worker-lifetime"] = "max_requests and max_memory say when a worker is replaced",
        ["evil-reload-on-rss"] = "max_memory says when a worker is replaced",
        ["reload-on-as"] = "max_memory says when a worker is replaced, by its resident memory",
        ["stats"] = "'darter status' shows what the server does, and statsd_host takes figures",
        ["stats-server"] = "'darter status' shows what the server does, and statsd_host takes figures",
        ["master-fifo"] = "the commands 'darter reload', 'scale', 'stop' and 'upgrade' do it",
        ["disable-logging"] = "needs no setting: there is no access log unless access_logfile names one",
        ["log-format"] = "access_logformat has Gunicorn's placeholders",
        ["logger"] = "error_logfile, access_logfile and syslog say where logs go",
        ["req-logger"] = "access_logfile says where requests are logged",
        ["log-maxsize"] = "logs are opened again at SIGUSR1: let logrotate rotate them",
        ["harakiri-verbose"] = "needs no setting: the log says which request took too long",
        ["chown-socket"] = "the address says it: unix:PATH?user=NAME&group=NAME",
        ["umask"] = "umask = \"MASK\" is for Unix sockets",
        ["cache2"] = "[cache] keeps answers, and darter.cache has the application's values",
        ["offload-threads"] = "needs no setting: the front sends files",
        ["static-expires"] = "files with a hash in their name are kept by caches; a route's response_headers set Cache-Control",
        ["check-static"] = "a route with files = { folder = \"DIR\", fallthrough = true } does it",
        ["static-index"] = "files = { folder = \"DIR\", index = [\"NAME\"] } says it",
        ["emperor"] = "one file has all applications: an [apps.NAME] for each",
        ["vassals-dir"] = "one file has all applications: an [apps.NAME] for each",
        ["for"] = "loops are not followed: write the lines out",
        ["endfor"] = "loops are not followed: write the lines out",
        ["ini"] = "other files are not followed: import them on their own",
        ["include"] = "other files are not followed: import them on their own",
        ["inherit"] = "other files are not followed: import them on their own",
        ["http-to"] = "the workers are behind the address already",
        ["http-websockets"] = "needs no setting: WebSockets are spoken with ASGI and Tornado applications",
        ["route"] = Routing,
    };

    /// <summary>What of an option, or null.</summary>
    internal static string? Find(string key) => s_notes.GetValueOrDefault(key)
        ?? (key.StartsWith("route-", StringComparison.Ordinal) || key.EndsWith("-route", StringComparison.Ordinal) ? Routing
        : key.StartsWith("if-", StringComparison.Ordinal) || key.StartsWith("endif", StringComparison.Ordinal) || key.StartsWith("for-", StringComparison.Ordinal) ? "conditions and loops are not followed: what stands inside was taken as if it always held"
        : key.StartsWith("cheaper-", StringComparison.Ordinal) ? Adaptive
        : key.StartsWith("hook-", StringComparison.Ordinal) || key.StartsWith("exec-", StringComparison.Ordinal) ? "commands are the service manager's: ExecStartPre and ExecStopPost of systemd"
        : null);
}
