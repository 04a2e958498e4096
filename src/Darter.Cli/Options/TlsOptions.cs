using System.CommandLine;
using System.Net.Security;
using System.Security.Authentication;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>https, under Gunicorn's and uvicorn's names.</summary>
internal sealed class TlsOptions : IOptionGroup
{
    internal Option<string[]> CertificateFile { get; } = new("--certfile", "--ssl-certfile")
    {
        Description = "Speak https, with the certificate in this PEM file; repeated: the name that the client asks for chooses",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    internal Option<string[]> KeyFile { get; } = new("--keyfile", "--ssl-keyfile")
    {
        Description = "The PEM file with the certificate's private key, once for each --certfile; default: it is in the certificate's file",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    internal Option<string?> PasswordFile { get; } = new("--keyfile-password-file")
    {
        Description = "The file with the password of the private keys",
        HelpName = "FILE",
    };

    internal Option<string> Oldest { get; } = OneOf(["1.2", "1.3"], new("--tls-min-version")
    {
        Description = "The oldest version of TLS: 1.2 or 1.3",
        HelpName = "VERSION",
        DefaultValueFactory = _ => "1.2",
    });

    internal Option<string?> Ciphers { get; } = new("--ciphers", "--ssl-ciphers")
    {
        Description = "Cipher suites by their names, the preferred first, separated by colons; default: the system's",
        HelpName = "LIST",
    };

    internal Option<string> CertificateRequirement { get; } = OneOf(["0", "1", "2", "none", "optional", "required"], new("--cert-reqs", "--ssl-cert-reqs")
    {
        Description = "Certificates of clients: none (0), optional (1) or required (2)",
        HelpName = "WHICH",
        DefaultValueFactory = _ => "none",
    });

    internal Option<string?> Authorities { get; } = new("--ca-certs", "--ssl-ca-certs")
    {
        Description = "The PEM file with the authorities whose client certificates are accepted",
        HelpName = "FILE",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [CertificateFile, KeyFile, PasswordFile, Oldest, Ciphers, CertificateRequirement, Authorities];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        string[] certificates = result.GetValue(CertificateFile)!;
        string[] keys = result.GetValue(KeyFile)!;
        ClientCertificates clients = Enum.Parse<ClientCertificates>(result.GetValue(CertificateRequirement)!, ignoreCase: true);
        string? authorities = result.GetValue(Authorities);
        string? passwordFile = result.GetValue(PasswordFile);
        if (certificates.Length == 0)
        {
            Need(keys.Length > 0, KeyFile);
            Need(passwordFile is not null, PasswordFile);
        }

        if (certificates.Length == 0 && config.Acme is null)
        {
            Need(result.GetValue(Oldest) != "1.2", Oldest);
            Need(result.GetValue(Ciphers) is not null, Ciphers);
            Need(clients != ClientCertificates.None, CertificateRequirement);
            Need(authorities is not null, Authorities);
            return;
        }

        void Need(bool isGiven, Option option)
        {
            if (isGiven)
            {
                config.Errors.Add(option == KeyFile || option == PasswordFile
                    ? $"{option.Name} needs {CertificateFile.Name}"
                    : $"{option.Name} needs {CertificateFile.Name} or --acme-domain");
            }
        }

        if (keys.Length > 0 && keys.Length != certificates.Length)
        {
            config.Errors.Add($"there are {certificates.Length} --certfile and {keys.Length} --keyfile: give one for each, in the same order, or none");
            return;
        }

        if (clients != ClientCertificates.None && authorities is null)
        {
            config.Errors.Add("--cert-reqs needs --ca-certs, the authorities whose client certificates are accepted");
        }

        string? password = Options.PasswordFile.Read(passwordFile is null ? null : PathOf(passwordFile, config), PasswordFile.Name, config.Errors);
        config.Server = config.Server with
        {
            Tls = new TlsConfig
            {
                Certificates = [.. certificates.Select((file, index) => new CertificateConfig
                {
                    CertificateFile = PathOf(file, config),
                    KeyFile = keys.Length > 0 ? PathOf(keys[index], config) : null,
                    Password = password,
                })],
                Acme = config.Acme,
                Oldest = result.GetValue(Oldest) == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12,
                CipherSuites = SuitesOf(result.GetValue(Ciphers), config),
                ClientCertificates = clients,
                ClientAuthorityFile = authorities is null ? null : PathOf(authorities, config),
            },
        };
    }

    private static IReadOnlyList<TlsCipherSuite> SuitesOf(string? text, RunConfigBuilder config)
    {
        if (text is null)
        {
            return [];
        }

        if (!CipherSuiteNames.TryParse(text, out IReadOnlyList<TlsCipherSuite> suites, out string? unknown))
        {
            config.Errors.Add($"--ciphers: '{unknown}' is no cipher suite; write names such as ECDHE-ECDSA-AES256-GCM-SHA384 or TLS_AES_256_GCM_SHA384, "
                + "not one of OpenSSL's expressions");
        }

        return suites;
    }

    private static string PathOf(string file, RunConfigBuilder config) =>
        Path.GetFullPath(file, Path.GetFullPath(config.Workers.WorkingDirectory is { Length: > 0 } working ? working : "."));
}
