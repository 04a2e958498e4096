using System.Globalization;
using System.Text.Json;

namespace Darter.Cli.Importing;

/// <summary>The configuration of an NGINX Unit: what <c>curl --unix-socket ... http://localhost/config</c> prints.</summary>
internal sealed partial class UnitImport
{
    private readonly ImportResult _result;
    private readonly JsonNodeAtLine _root;
    private readonly Dictionary<string, string> _apps = [];
    private readonly Dictionary<string, string> _upstreams = [];
    private readonly HashSet<string> _followed = [];

    private UnitImport(ImportResult result, JsonNodeAtLine root)
    {
        _result = result;
        _root = root;
    }

    /// <summary>Takes what the file sets.</summary>
    internal static ImportResult Import(string text, string display)
    {
        ImportResult result = new(display);
        JsonNodeAtLine root = JsonLines.Parse(text, display);
        if (!root.IsObject)
        {
            throw new ImportException($"{display}:1: is no configuration of NGINX Unit, which is an object");
        }

        // The answer to GET / has the certificates beside the configuration.
        UnitImport import = new(result, root.Find("config") is { IsObject: true } config && root.Find("listeners") is null ? config : root);
        import.Import();
        return result;
    }

    private void Import()
    {
        foreach ((string name, JsonNodeAtLine value, int line) in _root.Members)
        {
            switch (name)
            {
                case "listeners" or "applications" or "routes" or "upstreams" when value.IsObject || value.IsArray:
                    break;
                case "settings" when value.IsObject:
                    TakeSettings(value);
                    break;
                case "access_log":
                    TakeAccessLog(value);
                    break;
                default:
                    _result.Note(line, name, "has no equivalent");
                    break;
            }
        }

        foreach ((string name, JsonNodeAtLine value, int line) in Members("upstreams"))
        {
            TakeUpstream(name, value, line);
        }

        foreach ((string name, JsonNodeAtLine value, int line) in Members("applications"))
        {
            TakeApp(name, value, line);
        }

        TakeListeners();
    }

    private List<(string Name, JsonNodeAtLine Value, int Line)> Members(string name) => _root.Find(name) is { IsObject: true } found ? found.Members : [];

    private void TakeListeners()
    {
        List<string> binds = [];
        string? first = null;
        foreach ((string address, JsonNodeAtLine value, int line) in Members("listeners"))
        {
            binds.AddRange(BindOf(address, line));
            foreach ((string key, JsonNodeAtLine inner, int at) in value.Members)
            {
                if (key == "tls")
                {
                    string names = string.Join(", ", (inner.Find("certificate")?.Items ?? []).Select(item => item.Text));
                    _result.Note(at, $"tls.certificate {names}", "Unit keeps certificates itself: write [tls] with certificates = [{ cert = \"FILE\", key = \"FILE\" }]");
                }
                else if (key is "forwarded" or "client_ip")
                {
                    _result.Note(at, key, "forwarded_allow_ips names the proxies that are believed");
                }
                else if (key != "pass")
                {
                    _result.Note(at, key, "has no equivalent");
                }
            }

            if (value.TextOf("pass") is not { } pass)
            {
                _result.Note(line, address, "says not who answers");
            }
            else if (first is null)
            {
                first = pass;
                Follow(pass, line);
            }
            else if (pass != first)
            {
                _result.Note(line, $"{address}: {pass}", "the routes are those of all addresses: match on host, or start a second server");
            }
        }

        if (binds.Count > 0)
        {
            _result.Settings.Set("bind", Toml.List(binds.Distinct()));
        }
    }

    private IEnumerable<string> BindOf(string address, int line)
    {
        string bind = address.StartsWith("*:", StringComparison.Ordinal) ? $"0.0.0.0:{address[2..]}" : address;
        if (!Darter.Server.Configuration.BindAddress.TryParse(bind, out _, out string? error))
        {
            _result.Note(line, address, error);
            return [];
        }

        return [bind];
    }

    private void TakeUpstream(string name, JsonNodeAtLine value, int line)
    {
        List<string> destinations = [];
        foreach ((string address, JsonNodeAtLine server, int at) in value.Find("servers") is { IsObject: true } servers ? servers.Members : [])
        {
            string target = address.StartsWith("unix:", StringComparison.Ordinal) ? address : $"http://{address}";
            if (!Darter.Server.Configuration.UpstreamDestination.TryParse(target, out _, out string? error))
            {
                _result.Note(at, address, error);
                continue;
            }

            if (server.TextOf("weight") is { } weight && weight != "1")
            {
                if (int.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out int whole) && whole is > 0 and <= 1000)
                {
                    destinations.Add(Toml.Table([new("address", Toml.Text(target)), new("weight", Toml.Number(whole))]));
                    continue;
                }

                _result.Note(at, $"weight {weight}", "weights are whole numbers from 1 to 1000");
            }

            destinations.Add(Toml.Text(target));
        }

        AddUpstream(name, destinations, line);
    }

    private void AddUpstream(string name, List<string> destinations, int line)
    {
        if (destinations.Count == 0)
        {
            _result.Note(line, name, "has no server");
            return;
        }

        string own = ImportResult.NameOf(name, _result.Upstreams);
        ImportTable upstream = new();
        upstream.Set("destinations", $"[{string.Join(", ", destinations.Distinct())}]");
        upstream.Set("policy", Toml.Text("round-robin"));
        _result.Upstreams.Add(own, upstream);
        _upstreams[name] = own;
    }

    private void TakeSettings(JsonNodeAtLine settings)
    {
        foreach ((string name, JsonNodeAtLine value, int line) in settings.Members)
        {
            if (name != "http" || !value.IsObject)
            {
                _result.Note(line, $"settings.{name}", "has no equivalent");
                continue;
            }

            foreach ((string key, JsonNodeAtLine inner, int at) in value.Members)
            {
                string? setting = key switch
                {
                    "max_body_size" => "limit_request_body",
                    "header_read_timeout" => "request_header_timeout",
                    "idle_timeout" => "keep_alive",
                    _ => null,
                };
                if (setting is not null && inner.Kind == JsonTokenType.Number && long.TryParse(inner.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number is > 0 and < 100_000_000)
                {
                    _result.Settings.Set(setting, Toml.Number(number));
                }
                else
                {
                    _result.Note(at, $"settings.http.{key}", "has no equivalent");
                }
            }
        }
    }

    private void TakeAccessLog(JsonNodeAtLine log)
    {
        string? path = log.IsObject ? log.TextOf("path") : log.Kind == JsonTokenType.String ? log.Text : null;
        if (path is { Length: > 0 })
        {
            _result.Settings.Set("access_logfile", Toml.Text(path));
        }

        if (log.Find("format") is { } format)
        {
            _result.Note(format.Line, "access_log.format", "access_logformat has Gunicorn's placeholders");
        }
    }
}
