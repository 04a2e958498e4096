using System.Buffers.Text;
using System.CommandLine;
using System.Net.Mail;
using Darter.Cli.Service;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>Certificates that the server obtains itself. Before the other options of TLS, which want to know of them.</summary>
internal sealed class AcmeOptions : IOptionGroup
{
    internal Option<string[]> Domains { get; } = new("--acme-domain")
    {
        Description = "Speak https, with a certificate for this name that is obtained and renewed by itself (ACME); may be repeated. "
            + "It means that you agree to the terms of the authority",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    internal Option<string?> Email { get; } = new("--acme-email")
    {
        Description = "Where the authority writes to if something is wrong with the account; default: nowhere",
        HelpName = "ADDRESS@DOMAIN",
    };

    internal Option<string> Directory { get; } = new("--acme-directory")
    {
        Description = "The authority's directory; default: Let's Encrypt's",
        HelpName = "URL",
        DefaultValueFactory = _ => AcmeConfig.LetsEncrypt.AbsoluteUri,
    };

    internal Option<string?> State { get; } = new("--acme-state")
    {
        Description = "The folder that keeps the account and the certificates; several servers may share it; default: acme in the service's or the user's state folder",
        HelpName = "DIR",
    };

    internal Option<string?> Authorities { get; } = new("--acme-ca-certs")
    {
        Description = "The PEM file with the roots of the directory's own certificate; default: the system's",
        HelpName = "FILE",
    };

    internal Option<string?> Challenge { get; } = OneOfOptional(["auto", "http-01", "tls-alpn-01"], new("--acme-challenge")
    {
        Description = "How the authority is shown that the names are this server's: auto, http-01 (port 80) or tls-alpn-01 (port 443); default: auto",
        HelpName = "WHICH",
    });

    internal Option<string?> ExternalKeyId { get; } = new("--acme-eab-kid")
    {
        Description = "The key's identifier, from an authority that wants to know its accounts otherwise (external account binding)",
        HelpName = "ID",
    };

    internal Option<string?> ExternalKeyFile { get; } = new("--acme-eab-key-file")
    {
        Description = "The file with that key, base64url",
        HelpName = "FILE",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Domains, Email, Directory, State, Authorities, Challenge, ExternalKeyId, ExternalKeyFile];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        if (result.GetValue(Domains) is not { Length: > 0 } domains)
        {
            foreach (Option option in All.Where(option => result.GetResult(option) is { Implicit: false }))
            {
                config.Errors.Add($"{option.Name} needs {Domains.Name}");
            }

            return;
        }

        config.Acme = new AcmeConfig
        {
            Domains = NamesOf(domains, config.Errors),
            Email = EmailOf(result.GetValue(Email), config.Errors),
            Directory = DirectoryOf(result.GetValue(Directory)!, config.Errors),
            DirectoryAuthorityFile = result.GetValue(Authorities) is { } authorities ? PathOf(authorities, config) : null,
            StateFolder = result.GetValue(State) is { } folder ? PathOf(folder, config) : StateFolder.Find("acme"),
            Challenge = result.GetValue(Challenge) switch
            {
                "http-01" => AcmeChallengeKind.Http01,
                "tls-alpn-01" => AcmeChallengeKind.TlsAlpn01,
                _ => AcmeChallengeKind.Auto,
            },
            ExternalAccount = ExternalAccountOf(result, config),
        };
    }

    private static List<string> NamesOf(string[] domains, List<string> errors)
    {
        List<string> names = [];
        foreach (string domain in domains)
        {
            if (!AcmeDomain.TryParse(domain, out string? name, out string? error))
            {
                errors.Add($"--acme-domain: {error}");
            }
            else if (!names.Contains(name))
            {
                names.Add(name);
            }
        }

        return names;
    }

    private static string? EmailOf(string? text, List<string> errors)
    {
        if (text is not null && !(MailAddress.TryCreate(text, out MailAddress? address) && address.Address == text))
        {
            errors.Add($"--acme-email: '{text}' is not an address, such as you@example.org");
        }

        return text;
    }

    private static Uri DirectoryOf(string text, List<string> errors)
    {
        // RFC 8555, section 6.1: https alone.
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps)
        {
            return url;
        }

        errors.Add($"--acme-directory: '{text}' is not an https address");
        return AcmeConfig.LetsEncrypt;
    }

    private AcmeExternalAccount? ExternalAccountOf(ParseResult result, RunConfigBuilder config)
    {
        string? id = result.GetValue(ExternalKeyId);
        string? file = result.GetValue(ExternalKeyFile);
        if (id is null && file is null)
        {
            return null;
        }

        if (id is null || file is null)
        {
            config.Errors.Add($"{(id is null ? ExternalKeyFile : ExternalKeyId).Name} needs {(id is null ? ExternalKeyId : ExternalKeyFile).Name}");
            return null;
        }

        string? key = PasswordFile.Read(PathOf(file, config), ExternalKeyFile.Name, config.Errors);
        if (key is not null && (key.Length == 0 || !Base64Url.IsValid(key)))
        {
            config.Errors.Add($"{ExternalKeyFile.Name}: what is in '{file}' is not base64url");
        }

        return key is null ? null : new AcmeExternalAccount { KeyId = id, Key = key };
    }

    private static string PathOf(string file, RunConfigBuilder config) =>
        Path.GetFullPath(file, Path.GetFullPath(config.Workers.WorkingDirectory is { Length: > 0 } working ? working : "."));
}
