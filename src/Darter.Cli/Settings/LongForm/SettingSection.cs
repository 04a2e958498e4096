using System.CommandLine;
using Darter.Cli.Settings.Shapes;

namespace Darter.Cli.Settings.LongForm;

/// <summary>A table whose keys are settings under shorter names: <c>[cache] ttl</c> is <c>cache_ttl</c>.</summary>
internal sealed class SettingSection
{
    private readonly Dictionary<string, string> _settings = [];

    private SettingSection(OptionTable table, IEnumerable<(string Key, string Setting)> keys, IEnumerable<TableKey> further)
    {
        List<TableKey> described = [.. further];
        foreach ((string key, string setting) in keys)
        {
            if (table.OfName(setting) is { } option)
            {
                _settings.Add(key, OptionTable.NameOf(option));
                described.Add(KeyOf(key, option, table));
            }
        }

        Shape = new TableShape(described);
    }

    /// <summary>The keys.</summary>
    internal TableShape Shape { get; }

    /// <summary>The certificates of <c>[tls]</c>.</summary>
    internal static TableShape Certificate { get; } = new(
        new("cert", TextShape.Any, "The PEM file with the certificate and those that lead to a root", IsRequired: true),
        new("key", TextShape.Any, "The PEM file with the private key. Default: it is in the certificate's file"));

    /// <summary><c>[cache]</c>: <c>memory</c> is the option <c>--cache</c>, the others are <c>--cache-...</c>.</summary>
    internal static SettingSection Cache(OptionTable table) => new(table, [("memory", "cache"), .. WithPrefix(table, "cache_")], []);

    /// <summary><c>acme</c> in <c>[tls]</c>: the options <c>--acme-...</c>.</summary>
    internal static SettingSection Acme(OptionTable table) => new(table, [("domains", "acme_domain"), .. WithPrefix(table, "acme_").Where(key => key.Key != "domain")], []);

    /// <summary><c>[tls]</c>: the options of https.</summary>
    internal static SettingSection Tls(OptionTable table) => new(
        table,
        [
            ("password_file", "keyfile_password_file"), ("min_version", "tls_min_version"), ("ciphers", "ciphers"), ("client_certificates", "cert_reqs"),
            ("client_ca", "ca_certs"), ("hsts", "hsts"), ("redirect_http", "redirect_http"), ("redirect_port", "redirect_port"),
            ("http3", "http3"), ("http3_port", "http3_port"),
        ],
        [
            new("certificates", new ListShape(Certificate, orSingle: true), "The certificates; the client's server name (SNI) chooses, the first one is for all other names"),
            new("acme", new AnyShape(TextShape.Any, Acme(table).Shape), "Obtain certificates by ACME (RFC 8555): an address of e-mail, for the hosts of the routes, or a table"),
        ]);

    /// <summary>The setting that a key stands for, or null.</summary>
    internal string? SettingOf(string key) => _settings.GetValueOrDefault(TableShape.Usual(key));

    /// <summary>An option as a key.</summary>
    internal static TableKey KeyOf(string name, Option option, OptionTable table) => new(name, new OptionShape(option, table), option.Description ?? "");

    private static IEnumerable<(string Key, string Setting)> WithPrefix(OptionTable table, string prefix) => table.Options
        .Select(OptionTable.NameOf)
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(name => (name[prefix.Length..], name));
}
