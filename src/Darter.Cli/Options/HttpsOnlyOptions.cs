using System.CommandLine;
using System.Globalization;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>Having clients use https and nothing else.</summary>
internal sealed class HttpsOnlyOptions : IOptionGroup
{
    internal Option<string[]> Redirect { get; } = new("--redirect-http")
    {
        Description = "Listen for http at this address and send clients to https; may be repeated",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => [],
    };

    internal Option<int> Port { get; } = Between(1, ushort.MaxValue, new("--redirect-port")
    {
        Description = "The port that --redirect-http sends clients to; default: that of the first address of --bind",
        HelpName = "PORT",
    });

    internal Option<string?> Policy { get; } = new("--hsts")
    {
        Description = "Have browsers use https alone for so long (Strict-Transport-Security): SECONDS[;includeSubDomains][;preload]",
        HelpName = "POLICY",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Redirect, Port, Policy];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        string[] addresses = result.GetValue(Redirect)!;
        int port = result.GetValue(Port);
        string? policy = result.GetValue(Policy);
        bool isHttps = config.Server.Tls is not null;
        CheckSchemes(config, addresses.Length > 0);
        if (addresses.Length > 0 && !isHttps)
        {
            config.Errors.Add("--redirect-http needs --certfile or --acme-domain: without it no address speaks https");
        }

        if (port > 0 && addresses.Length == 0)
        {
            config.Errors.Add("--redirect-port needs --redirect-http");
        }

        if (policy is not null && !isHttps)
        {
            config.Errors.Add("--hsts needs --certfile or --acme-domain: browsers do not believe it over http");
        }

        config.Server = config.Server with
        {
            RedirectBinds = AddressesOf(addresses, config.Errors),
            RedirectPort = port,
            HttpsOnly = policy is null ? null : PolicyOf(policy, config.Errors),
        };
    }

    /// <summary>Addresses that are to speak https need a certificate, and the other way round.</summary>
    private static void CheckSchemes(RunConfigBuilder config, bool redirects)
    {
        IReadOnlyList<BindAddress> binds = config.Server.Binds;
        if (config.Server.Tls is null)
        {
            foreach (BindAddress bind in binds.Where(bind => bind.IsTls == true))
            {
                config.Errors.Add($"--bind: '{bind.Text}' needs a certificate: --certfile or --acme-domain");
            }
        }
        else if (binds.Any(bind => bind.IsTls == false) && !binds.Any(bind => bind is { Protocol: ListenerProtocol.Http, IsTls: not false }))
        {
            config.Errors.Add(redirects
                ? "--redirect-http: no address of --bind speaks https: write https:// before one"
                : "--bind: there is a certificate, and no address speaks https: write https:// before one");
        }
    }

    private static List<BindAddress> AddressesOf(string[] texts, List<string> errors)
    {
        List<BindAddress> addresses = [];
        foreach (string text in texts)
        {
            if (!BindAddress.TryParse(text, out BindAddress? address, out string? error))
            {
                errors.Add($"--redirect-http: {error}");
            }
            else if (!address.IsPlain)
            {
                errors.Add($"--redirect-http: '{text}' does not speak http");
            }
            else
            {
                addresses.Add(address);
            }
        }

        return addresses;
    }

    /// <summary>The field's value (RFC 6797, section 6.1); null: the text is none, which is in the errors.</summary>
    private static string? PolicyOf(string text, List<string> errors)
    {
        string[] parts = text.Split(';', StringSplitOptions.TrimEntries);
        bool hasSubdomains = parts.Skip(1).Contains("includeSubDomains", StringComparer.OrdinalIgnoreCase);
        bool isPreloaded = parts.Skip(1).Contains("preload", StringComparer.OrdinalIgnoreCase);
        if (!long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || parts.Length != 1 + (hasSubdomains ? 1 : 0) + (isPreloaded ? 1 : 0))
        {
            errors.Add($"--hsts: '{text}' is not SECONDS[;includeSubDomains][;preload]: write 31536000, for example");
            return null;
        }

        if (isPreloaded && (!hasSubdomains || seconds < 31536000))
        {
            errors.Add("--hsts: browsers' lists (preload) want includeSubDomains and at least 31536000 seconds");
            return null;
        }

        return string.Create(CultureInfo.InvariantCulture, $"max-age={seconds}{(hasSubdomains ? "; includeSubDomains" : "")}{(isPreloaded ? "; preload" : "")}");
    }
}
