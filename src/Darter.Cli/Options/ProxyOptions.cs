using System.CommandLine;
using Darter.Server.Configuration;
using Darter.Server.Proxies;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>Proxies in front of the server, under Gunicorn's and uvicorn's names.</summary>
internal sealed class ProxyOptions : IOptionGroup
{
    private const string Loopback = "127.0.0.1,::1";

    internal Option<string> ForwardedAllowIps { get; } = new("--forwarded-allow-ips")
    {
        Description = "Proxies whose header fields about the client are believed: addresses, networks, or * for all; default: $FORWARDED_ALLOW_IPS",
        HelpName = "LIST",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FORWARDED_ALLOW_IPS") ?? Loopback,
    };

    internal Option<string[]> SecureSchemeHeaders { get; } = new("--secure-scheme-headers")
    {
        Description = "A field and the value by which a proxy says that its client came over HTTPS; may be repeated",
        HelpName = "NAME:VALUE",
        DefaultValueFactory = _ => [.. new ProxyConfig().SecureSchemeHeaders.Select(field => $"{field.Key}:{field.Value}")],
    };

    internal Option<string> ForwarderHeaders { get; } = new("--forwarder-headers")
    {
        Description = "Fields with an underscore in their name that a proxy may send, whatever --header-map says",
        HelpName = "LIST",
        DefaultValueFactory = _ => string.Join(',', new ProxyConfig().ForwarderHeaders),
    };

    internal Option<bool> ProxyHeaders { get; } = new("--proxy-headers")
    {
        Description = "Believe the header fields of proxies: true or false",
        HelpName = "BOOL",
        DefaultValueFactory = _ => true,
    };

    internal Option<bool> NoProxyHeaders { get; } = new("--no-proxy-headers")
    {
        Description = "Believe no header field of a proxy",
    };

    internal Option<string?> ProxyProtocol { get; } = OneOfOptional(["off", "v1", "v2", "auto"], new("--proxy-protocol")
    {
        Description = "Take the client's address from the PROXY protocol: off, v1, v2 or auto (also without a value); default: off",
        HelpName = "MODE",
        Arity = ArgumentArity.ZeroOrOne,
    });

    internal Option<string> ProxyAllowFrom { get; } = new("--proxy-allow-from")
    {
        Description = "Proxies whose PROXY protocol headers are believed: addresses, networks, or * for all",
        HelpName = "LIST",
        DefaultValueFactory = _ => Loopback,
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All =>
        [ForwardedAllowIps, SecureSchemeHeaders, ForwarderHeaders, ProxyHeaders, NoProxyHeaders, ProxyProtocol, ProxyAllowFrom];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        config.Server = config.Server with
        {
            Proxy = new ProxyConfig
            {
                Forwarders = AddressesOf(result.GetValue(ForwardedAllowIps)!, ForwardedAllowIps, config.Errors),
                SecureSchemeHeaders = FieldsOf(result.GetValue(SecureSchemeHeaders)!, config.Errors),
                ForwarderHeaders = result.GetValue(ForwarderHeaders)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                ProxyHeaders = result.GetValue(ProxyHeaders) && !result.GetValue(NoProxyHeaders),
                Protocol = ModeOf(result),
                ProtocolPeers = AddressesOf(result.GetValue(ProxyAllowFrom)!, ProxyAllowFrom, config.Errors),
            },
        };
    }

    private static TrustedAddresses AddressesOf(string text, Option option, List<string> errors)
    {
        if (TrustedAddresses.TryParse(text, out TrustedAddresses? addresses, out string? error))
        {
            return addresses;
        }

        errors.Add($"{option.Name}: {error}");
        return TrustedAddresses.None;
    }

    private static List<KeyValuePair<string, string>> FieldsOf(string[] texts, List<string> errors)
    {
        List<KeyValuePair<string, string>> fields = [];
        foreach (string text in texts)
        {
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && colon + 1 < text.Length)
            {
                fields.Add(new(text[..colon].Trim(), text[(colon + 1)..].Trim()));
            }
            else
            {
                errors.Add($"--secure-scheme-headers: '{text}' is not NAME:VALUE");
            }
        }

        return fields;
    }

    private ProxyProtocol ModeOf(ParseResult result) => result.GetValue(ProxyProtocol) switch
    {
        "off" => Server.Configuration.ProxyProtocol.Off,
        "v1" => Server.Configuration.ProxyProtocol.V1,
        "v2" => Server.Configuration.ProxyProtocol.V2,
        null when result.GetResult(ProxyProtocol) is null => Server.Configuration.ProxyProtocol.Off,
        _ => Server.Configuration.ProxyProtocol.Auto,
    };
}
