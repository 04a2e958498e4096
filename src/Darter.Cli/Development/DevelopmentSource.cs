using Darter.Cli.Settings;

namespace Darter.Cli.Development;

/// <summary>
/// Settings that development needs otherwise than production. They are stronger than a file, which is the one of production,
/// and weaker than the command line and <c>DARTER_*</c>.
/// </summary>
internal static class DevelopmentSource
{
    private static readonly SettingOrigin s_origin = new(SettingSource.Development, "darter dev");

    /// <summary>The settings.</summary>
    internal static IEnumerable<Setting> Settings(IReadOnlyDictionary<string, string> environment)
    {
        string port = environment.TryGetValue("PORT", out string? text) && text.Length > 0 ? text : "8000";
        return
        [
            // Only this machine; what the file has is the address of production.
            Of("bind", SettingValue.Of($"127.0.0.1:{port}")),

            // One process, so that the debugger finds the frames of an exception where it looks for them.
            Of("workers", SettingValue.Of(1)),

            // As Werkzeug and runserver, which have a thread for each request; event loops use one.
            Of("threads", SettingValue.Of(8)),
            Of("preload", SettingValue.Of(false)),

            // Whoever stands at a breakpoint takes his time.
            Of("timeout", SettingValue.Of(0)),
            Of("request_timeout", SettingValue.Of(0)),
            Of("max_requests", SettingValue.Of(0)),

            // Nobody waits for requests of code that has changed.
            Of("graceful_timeout", SettingValue.Of(2)),
            Of("graceful_stream_timeout", SettingValue.Of(0)),
            Of("daemon", SettingValue.Of(false)),
            Of("log_level", SettingValue.Of("warning")),
            Of("access_logfile", SettingValue.Of("-")),
        ];
    }

    private static Setting Of(string name, SettingValue value) => new(name, value, s_origin);
}
