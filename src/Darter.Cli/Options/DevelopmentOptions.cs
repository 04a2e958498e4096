using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Darter.Cli.Development;
using Darter.Server.Configuration;
using Darter.Workers;

namespace Darter.Cli.Options;

/// <summary>What <c>darter dev</c> has beside the options of <c>darter run</c>, under the names of Flask and uvicorn where they have them.</summary>
internal sealed class DevelopmentOptions : IOptionGroup
{
    private const string NoPin = "off";

    // The same at every reading of the configuration: it is on the terminal already.
    private readonly string _pin = NewPin();

    internal Option<bool> Reload { get; } = On("--reload", "Load the application anew when a source changes: true or false");

    internal Option<bool> NoReload { get; } = new("--no-reload") { Description = "Do not" };

    internal Option<string[]> ReloadFolders { get; } = new("--reload-dir")
    {
        Description = "Folder whose files are watched, beside the current one; repeatable",
        HelpName = "DIR",
    };

    internal Option<string[]> ReloadInclude { get; } = new("--reload-include")
    {
        Description = "Further files that are sources, such as '*.yaml' or 'config/*'; repeatable",
        HelpName = "PATTERN",
    };

    internal Option<string[]> ReloadExclude { get; } = new("--reload-exclude")
    {
        Description = "Files and folders whose changes do not matter; repeatable",
        HelpName = "PATTERN",
    };

    internal Option<bool> LiveReload { get; } = On("--live-reload", "Have browsers fetch pages again after a change: true or false");

    internal Option<bool> NoLiveReload { get; } = new("--no-live-reload") { Description = "Do not" };

    internal Option<bool> Debugger { get; } = On("--debugger", "Show exceptions in the browser, with a console: true or false");

    internal Option<bool> NoDebugger { get; } = new("--no-debugger") { Description = "Do not" };

    internal Option<string?> Pin { get; } = new("--debugger-pin")
    {
        Description = "PIN of the debugger's console; off: no console; default: another one at each start, shown in the terminal",
        HelpName = "PIN",
    };

    internal Option<bool> Tls { get; } = new("--tls")
    {
        Description = "Serve https, with a certificate that is made for it",
    };

    internal Option<bool> Open { get; } = new("--open")
    {
        Description = "Open the browser",
    };

    internal Option<bool> Quiet { get; } = new("--quiet", "-q")
    {
        Description = "Do not show requests",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All =>
        [Reload, NoReload, ReloadFolders, ReloadInclude, ReloadExclude, LiveReload, NoLiveReload, Debugger, NoDebugger, Pin, Tls, Open, Quiet];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        if (config.Workers.Preload)
        {
            config.Errors.Add("--preload is for production: 'darter dev' loads the application anew at every change");
        }

        string? pin = result.GetValue(Pin) ?? _pin;
        bool severalWorkers = config.Workers.Workers > 1;
        if (pin == NoPin || severalWorkers)
        {
            // The frames of an exception are in one process, and a request for the console may come to another.
            pin = null;
        }
        else if (pin.Length < 4)
        {
            config.Errors.Add("--debugger-pin: must have 4 characters at least, or be off");
        }

        List<string> folders = [config.Workers.WorkingDirectory];
        foreach (string folder in result.GetValue(ReloadFolders) ?? [])
        {
            string path = Path.GetFullPath(folder, config.Workers.WorkingDirectory);
            if (!Directory.Exists(path))
            {
                config.Errors.Add($"--reload-dir: there is no folder '{path}'");
            }

            folders.Add(path);
        }

        config.Development = new DevelopmentRun
        {
            Reloads = result.GetValue(Reload) && !result.GetValue(NoReload),
            Folders = folders,
            Include = result.GetValue(ReloadInclude) ?? [],
            Exclude = result.GetValue(ReloadExclude) ?? [],
            Opens = result.GetValue(Open),
            IsQuiet = result.GetValue(Quiet),
        };
        bool debugger = result.GetValue(Debugger) && !result.GetValue(NoDebugger);
        config.Workers = config.Workers with
        {
            Development = new DevelopmentConfig
            {
                Debugger = debugger,
                Pin = debugger ? pin : null,
                Hosts = [.. config.Server.Binds.Select(HostOf).OfType<string>().Distinct()],
            },
        };
        if (result.GetValue(Tls))
        {
            if (config.Server.Tls is not null)
            {
                config.Errors.Add("--tls makes a certificate of its own: leave it out, or --certfile");
            }

            config.Server = config.Server with { Tls = CertificateFor(config.Workers.Development.Hosts, config.Errors) };
        }

        bool isQuiet = config.Development.IsQuiet;
        config.Server = config.Server with
        {
            LiveReload = result.GetValue(LiveReload) && !result.GetValue(NoLiveReload),
            Logging = config.Server.Logging with
            {
                AccessFile = isQuiet ? null : config.Server.Logging.AccessFile,
                AccessReadable = config.Server.Logging.AccessFormat == LoggingConfig.DefaultAccessFormat.TrimEnd(),
                AccessColored = Terminal.ShowsColors(Console.IsOutputRedirected),
            },
        };
    }

    private static TlsConfig? CertificateFor(IReadOnlyList<string> hosts, List<string> errors)
    {
        try
        {
            return new TlsConfig { Certificates = [new CertificateConfig { CertificateFile = DevCertificate.Find(hosts) }] };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add($"--tls: the certificate cannot be kept: {exception.Message}; name another folder in $XDG_STATE_HOME");
            return null;
        }
    }

    /// <summary>The host name that an address has, or null: it is a number, or a file.</summary>
    private static string? HostOf(BindAddress bind)
    {
        if (bind.Protocol != ListenerProtocol.Http)
        {
            return null;
        }

        string text = bind.Text.Replace("http://", "", StringComparison.OrdinalIgnoreCase);
        string host = text.Split(':')[0];
        return text.StartsWith("unix:", StringComparison.Ordinal) || Uri.CheckHostName(host) != UriHostNameType.Dns || host.All(char.IsAsciiDigit) ? null : host;
    }

    private static Option<bool> On(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "BOOL",
        DefaultValueFactory = _ => true,
    };

    private static string NewPin()
    {
        string digits = RandomNumberGenerator.GetInt32(1_000_000_000).ToString("000000000", CultureInfo.InvariantCulture);
        return $"{digits[..3]}-{digits[3..6]}-{digits[6..]}";
    }
}
