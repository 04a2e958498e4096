using System.CommandLine;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>Logs sent to a syslog server, under Gunicorn's names.</summary>
internal sealed class SyslogOptions : IOptionGroup
{
    internal Option<bool> Syslog { get; } = new("--log-syslog")
    {
        Description = "Send the logs to a syslog server, too",
    };

    internal Option<string> SyslogTo { get; } = new("--log-syslog-to")
    {
        Description = "The syslog server: udp://HOST:PORT, tcp://HOST:PORT or unix://PATH, with #dgram or #stream behind it",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => "udp://localhost:514",
    };

    internal Option<string?> SyslogPrefix { get; } = new("--log-syslog-prefix")
    {
        Description = "The program's name in its entries is darter.PREFIX.access and darter.PREFIX.error; default: the target",
        HelpName = "PREFIX",
    };

    internal Option<string> SyslogFacility { get; } = OneOf([.. SyslogConfig.Facilities.Keys], new("--log-syslog-facility")
    {
        Description = "The facility of its entries, such as user, daemon or local0",
        HelpName = "NAME",
        DefaultValueFactory = _ => "user",
    });

    internal Option<bool> DisableAccess { get; } = new("--disable-redirect-access-to-syslog")
    {
        Description = "Do not send the access log to the syslog server",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Syslog, SyslogTo, SyslogPrefix, SyslogFacility, DisableAccess];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        string text = result.GetValue(SyslogTo)!;
        if (!SyslogAddress.TryParse(text, out SyslogAddress? address))
        {
            config.Errors.Add($"--log-syslog-to: '{text}' is not an address: write udp://HOST:PORT, tcp://HOST:PORT or unix://PATH#dgram");
            return;
        }

        if (!result.GetValue(Syslog))
        {
            return;
        }

        SyslogConfig syslog = new()
        {
            Address = address,
            Prefix = NameOf(result.GetValue(SyslogPrefix) ?? config.Workers.Target),
            Facility = SyslogConfig.Facilities[result.GetValue(SyslogFacility)!],
            Access = !result.GetValue(DisableAccess),
        };
        config.Server = config.Server with { Logging = config.Server.Logging with { Syslog = syslog } };
    }

    /// <summary>What syslog servers take for a program's name (RFC 3164, section 4.1.3).</summary>
    private static string NameOf(string text) =>
        string.Concat(text.Select(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '.'));
}
