using System.Globalization;
using System.Text.RegularExpressions;
using Darter.Server.Configuration;

namespace Darter.Cli.Importing;

/// <summary>A site of nginx, or a whole nginx.conf.</summary>
internal sealed partial class NginxImport
{
    private readonly ImportResult _result;
    private readonly List<NginxDirective> _servers = [];
    private readonly Dictionary<string, string> _upstreams = [];
    private readonly Dictionary<string, string> _apps = [];
    private readonly Dictionary<string, (int Requests, string Per)> _zones = [];
    private readonly List<string> _certificates = [];
    private readonly List<string> _binds = [];
    private readonly List<string> _redirectBinds = [];

    private NginxImport(ImportResult result) => _result = result;

    /// <summary>Takes what the file sets.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">Where it is, for what it includes.</param>
    /// <param name="display">Its name, for people.</param>
    internal static ImportResult Import(string text, string path, string display)
    {
        ImportResult result = new(display);
        NginxImport import = new(result);
        IReadOnlyList<NginxDirective> directives = new NginxIncludes(path, result).Expand(NginxFile.Parse(text, display));
        import.TakeHttp(directives);
        import.Finish();
        return result;
    }

    /// <summary>Takes what stands around the servers.</summary>
    private void TakeHttp(IReadOnlyList<NginxDirective> directives)
    {
        foreach (NginxDirective upstream in directives.Where(directive => directive is { Name: "upstream", Block: not null }))
        {
            TakeUpstream(upstream);
        }

        foreach (NginxDirective directive in directives)
        {
            switch (directive.Name)
            {
                case "http" when directive.Block is { } inner:
                    TakeHttp(inner);
                    break;
                case "server" when directive.Block is not null:
                    _servers.Add(directive);
                    break;
                case "upstream" when directive.Block is not null:
                    break;
                case "limit_req_zone":
                    TakeZone(directive);
                    break;
                default:
                    if (!TakeSetting(directive))
                    {
                        Note(directive, NginxNotes.Find(directive.Name) ?? "has no equivalent");
                    }

                    break;
            }
        }
    }

    /// <summary>What holds for the whole server in Darter, wherever nginx has it.</summary>
    private bool TakeSetting(NginxDirective directive)
    {
        switch (directive.Name)
        {
            case "gzip":
                if (directive.First == "on")
                {
                    _result.Settings.Set("compress", "true");
                }

                return true;
            case "gzip_types" when directive.Arguments.Count > 0 && directive.Arguments.All(type => type == "*" || MediaType().IsMatch(type)):
                _result.Settings.Set("compress", "true");
                _result.Settings.Set("compress_types", Toml.Text(string.Join(',', directive.Arguments.Prepend("text/html").Distinct())));
                return true;
            case "gzip_min_length" when IsNumber(directive.First):
                _result.Settings.Set("compress", "true");
                _result.Settings.Set("compress_min_size", Toml.Text(directive.First));
                return true;
            case "keepalive_timeout" when SecondsOf(directive.First) is > 0 and var seconds:
                _result.Settings.Set("keep_alive", seconds.ToString(CultureInfo.InvariantCulture));
                return true;
            case "client_header_timeout" when SecondsOf(directive.First) is > 0 and var seconds:
                _result.Settings.Set("request_header_timeout", seconds.ToString(CultureInfo.InvariantCulture));
                return true;
            case "access_log" when directive.First.Length > 0 && !directive.First.Contains('$') && !directive.First.Contains(':'):
                if (directive.First != "off")
                {
                    _result.Settings.Set("access_logfile", Toml.Text(directive.First));
                    if (directive.Arguments.Count > 1)
                    {
                        Note(directive, "access_logformat has Gunicorn's placeholders");
                    }
                }

                return true;
            case "error_log" when directive.First.Length > 0 && !directive.First.Contains(':'):
                _result.Settings.Set("error_logfile", Toml.Text(directive.First == "stderr" ? "-" : directive.First));
                return true;
            case "ssl_protocols":
                _result.Tls.Set("min_version", Toml.Text(directive.Arguments.Any(version => version is "TLSv1.2" or "TLSv1.1" or "TLSv1") ? "1.2" : "1.3"));
                if (directive.Arguments.Any(version => version is not ("TLSv1.2" or "TLSv1.3")))
                {
                    Note(directive, "TLS 1.2 and 1.3 are spoken, older versions are not");
                }

                return true;
            case "ssl_ciphers" when CipherSuiteNames.TryParse(directive.First, out _, out _):
                _result.Tls.Set("ciphers", Toml.Text(directive.First));
                return true;
            default:
                return false;
        }
    }

    private void TakeZone(NginxDirective directive)
    {
        string? zone = Argument(directive, "zone=")?.Split(':')[0];
        Match rate = Rate().Match(Argument(directive, "rate=") ?? "");
        if (zone is { Length: > 0 } && rate.Success && directive.First is "$binary_remote_addr" or "$remote_addr")
        {
            _zones[zone] = (int.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture), rate.Groups[2].Value);
        }
        else
        {
            Note(directive, "a route's rate_limit counts by the client's address");
        }
    }

    private void TakeUpstream(NginxDirective directive)
    {
        List<string> destinations = [];
        ImportTable upstream = new();
        upstream.Set("destinations", "[]");
        upstream.Set("policy", Toml.Text("round-robin"));
        foreach (NginxDirective inner in directive.Block!)
        {
            switch (inner.Name)
            {
                case "server":
                    TakeDestination(inner, destinations, upstream);
                    break;
                case "least_conn":
                    upstream.Set("policy", Toml.Text("least-requests"));
                    break;
                case "random":
                    upstream.Set("policy", Toml.Text(inner.First == "two" ? "power-of-two" : "random"));
                    break;
                case "ip_hash" or "sticky":
                    upstream.Set("sticky", Toml.Table([new("cookie", Toml.Text("darter-node"))]));
                    Note(inner, "clients stay with a destination by a cookie");
                    break;
                default:
                    Note(inner, NginxNotes.Find(inner.Name) ?? "has no equivalent");
                    break;
            }
        }

        if (destinations.Count == 0)
        {
            Note(directive, "has no server");
            return;
        }

        upstream.Set("destinations", $"[{string.Join(", ", destinations)}]");
        string name = ImportResult.NameOf(directive.First, _result.Upstreams);
        _result.Upstreams.Add(name, upstream);
        _upstreams[directive.First] = name;
    }

    private void TakeDestination(NginxDirective server, List<string> destinations, ImportTable upstream)
    {
        string text = server.First.StartsWith("unix:", StringComparison.Ordinal) ? server.First : $"http://{server.First}";
        if (server.Arguments.Any(argument => argument is "down" or "backup"))
        {
            Note(server, "destinations that wait for others to fail have no equivalent: it is left out");
            return;
        }

        if (!UpstreamDestination.TryParse(text, out UpstreamDestination? destination, out string? error))
        {
            Note(server, error);
            return;
        }

        string plain = Toml.Text(destination.Address);
        string entry = plain;
        foreach (string argument in server.Arguments.Skip(1))
        {
            if (argument.StartsWith("weight=", StringComparison.Ordinal) && int.TryParse(argument[7..], NumberStyles.None, CultureInfo.InvariantCulture, out int weight) && weight is > 0 and <= 1000)
            {
                entry = Toml.Table([new("address", plain), new("weight", Toml.Number(weight))]);
            }
            else if (argument.StartsWith("max_conns=", StringComparison.Ordinal) && IsNumber(argument[10..]))
            {
                upstream.Set("max_connections", argument[10..].TrimStart('0') is { Length: > 0 } most ? most : "0");
            }
            else if (argument == "max_fails=0")
            {
                upstream.Set("passive", "false");
            }
            else
            {
                Note(server, $"{argument} has no equivalent here; passive = {{ max_fails, fail_timeout }} is for all destinations");
            }
        }

        if (!destinations.Any(other => other.Contains(plain, StringComparison.Ordinal)))
        {
            destinations.Add(entry);
        }
    }

    /// <summary>The upstream that stands for an address behind <c>proxy_pass</c>, made where there is none; null: that says nothing.</summary>
    private string? UpstreamOf(string address, string scheme)
    {
        if (_upstreams.TryGetValue(address, out string? known))
        {
            return known;
        }

        string text = address.StartsWith("unix:", StringComparison.Ordinal) ? address : $"{scheme}://{address}";
        if (!UpstreamDestination.TryParse(text, out UpstreamDestination? destination, out _))
        {
            return null;
        }

        ImportTable upstream = new();
        upstream.Set("destinations", Toml.List([destination.Address]));
        string name = ImportResult.NameOf(address, _result.Upstreams);
        _result.Upstreams.Add(name, upstream);
        _upstreams[address] = name;
        return name;
    }

    private void Finish()
    {
        FindClientCertificates();
        foreach (NginxDirective server in _servers)
        {
            TakeServer(server);
        }

        FinishClientCertificates();
        if (_certificates.Count > 0)
        {
            _result.Tls.Set("certificates", $"[{string.Join(", ", _certificates.Distinct())}]");
            if (_redirectBinds.Except(_binds).ToArray() is { Length: > 0 } redirects)
            {
                _result.Tls.Set("redirect_http", Toml.List(redirects));
            }
        }
        else if (_redirectBinds.Count > 0)
        {
            _binds.AddRange(_redirectBinds);
        }

        if (_result.Tls.Has("min_version") && _certificates.Count == 0)
        {
            _result.Tls.Remove("min_version");
            _result.Tls.Remove("ciphers");
        }

        if (_binds.Count > 0)
        {
            _result.Settings.Set("bind", Toml.List(_binds.Distinct()));
        }
    }

    private void Note(NginxDirective directive, string why) => _result.Note(directive.File, directive.Line, directive.ToString(), why);

    private static string? Argument(NginxDirective directive, string prefix) =>
        directive.Arguments.FirstOrDefault(argument => argument.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];

    private static bool IsNumber(string text) => text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit);

    /// <summary>A time of nginx, <c>30</c>, <c>30s</c> or <c>1m</c>, in seconds; -1: it is none.</summary>
    private static int SecondsOf(string text)
    {
        Match match = Time().Match(text);
        return match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { "m" => 60, "h" => 3600, "d" => 86400, _ => 1 } : -1;
    }

    [GeneratedRegex("^([0-9]{1,4})([smhd]?)$")]
    private static partial Regex Time();

    [GeneratedRegex("^([1-9][0-9]{0,8})r/([sm])$")]
    private static partial Regex Rate();

    [GeneratedRegex("^[a-z0-9.+-]+/([a-z0-9.+-]+|\\*)$", RegexOptions.IgnoreCase)]
    private static partial Regex MediaType();
}
