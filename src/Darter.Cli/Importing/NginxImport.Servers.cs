using Darter.Server.Configuration;

namespace Darter.Cli.Importing;

/// <summary>Servers: addresses, names and certificates, and the order of their locations.</summary>
internal sealed partial class NginxImport
{
    private static readonly string[] s_locations = ["location", "listen", "server_name", "ssl_certificate", "ssl_certificate_key", "ssl", "http2", "ssl_verify_client", "ssl_client_certificate"];

    // What locations hand on to those in them. Others say who answers, and hold for their own block alone.
    private static readonly string[] s_inherited = [.. s_rules.Except(["internal"]), "root", "index", "autoindex"];

    private bool _isClosed;

    private void TakeServer(NginxDirective server)
    {
        IReadOnlyList<NginxDirective> block = server.Block!;
        bool isTls = block.Any(directive => directive is { Name: "listen" } && directive.Arguments.Contains("ssl")) || block.Any(directive => directive is { Name: "ssl", First: "on" });
        bool onlyRedirects = !isTls && block.All(directive => directive.Name is "listen" or "server_name" or "return")
            && block.Any(directive => directive.Name == "return" && directive.Arguments is [_, "https://$host$request_uri" or "https://$server_name$request_uri"]);
        bool anyTls = _servers.Any(other => other.Block!.Any(directive => directive.Name == "ssl_certificate"));
        foreach (NginxDirective listen in block.Where(directive => directive.Name == "listen"))
        {
            TakeListen(listen, onlyRedirects && anyTls, block.Any(directive => directive is { Name: "ssl", First: "on" }), anyTls);
        }

        TakeCertificate(block);
        if (onlyRedirects && anyTls)
        {
            // [tls] redirect_http does it, for all hosts.
            return;
        }

        ImportTable common = new();
        TakeHosts(common, block);
        _isClosed = _closed.Contains(server);
        foreach (NginxDirective directive in block.Where(directive => !s_locations.Contains(directive.Name) && !IsOfScope(directive.Name) && !TakeSetting(directive)))
        {
            Note(directive, NginxNotes.Find(directive.Name) ?? "has no equivalent");
        }

        TakeRewrites(common, block);
        bool answersAll = block.Any(directive => directive.Name == "return");
        foreach (NginxDirective location in InOrder(block.Where(directive => directive is { Name: "location", Block: not null } && !directive.First.StartsWith('@'))))
        {
            if (answersAll)
            {
                Note(location, "is never reached: the server answers before");
            }
            else
            {
                TakeLocation(common, location, block, "");
            }
        }

        // What no location has.
        if (answersAll || !block.Any(directive => directive is { Name: "location" } && directive.Arguments is ["/"] or ["^~", "/"]))
        {
            TakeBlock(common.Copy(), server, block);
        }
    }

    /// <summary>Adds the routes of a location: before its own those of the locations in it, which are looked for only where it fits.</summary>
    /// <param name="common">What the server's routes have in common.</param>
    /// <param name="location">The location.</param>
    /// <param name="around">What it inherits from.</param>
    /// <param name="prefix">How every path begins where it is looked for.</param>
    private void TakeLocation(ImportTable common, NginxDirective location, IReadOnlyList<NginxDirective> around, string prefix)
    {
        if (NginxPattern.Paths(location.Arguments, prefix) is not { } paths)
        {
            Note(location, prefix.Length == 0
                ? "this route is left out: its regular expression is none that Darter can match in a time that is bounded"
                : $"this route is left out: it would have to fit below {prefix} only");
            return;
        }

        NginxDirective[] inner = [.. location.Block!.Where(directive => directive is { Name: "location", Block: not null } && !directive.First.StartsWith('@'))];
        if (inner.Length > 0)
        {
            string own = location.Arguments is [_] or ["^~", _] ? location.Arguments[^1] : "";
            if (own.Length == 0)
            {
                Array.ForEach(inner, each => Note(each, "this route is left out: locations in those with regular expressions are not looked for"));
            }
            else
            {
                IReadOnlyList<NginxDirective> inherited = Inherited(location.Block!, around);
                foreach (NginxDirective each in InOrder(inner))
                {
                    TakeLocation(common, each, inherited, own);
                }
            }
        }

        ImportTable route = common.Copy();
        if (paths.Count > 0)
        {
            route.Set("path", Toml.Texts([.. paths]));
        }

        TakeBlock(route, location, around);
    }

    /// <summary>What the locations in a block inherit: of each name what the block has, else what those around it have.</summary>
    private static List<NginxDirective> Inherited(IReadOnlyList<NginxDirective> block, IReadOnlyList<NginxDirective> around)
    {
        HashSet<string> own = [.. block.Where(directive => directive.Block is null).Select(directive => IsAccess(directive.Name) ? "allow" : directive.Name)];
        return
        [
            .. block.Where(directive => directive.Block is null && s_inherited.Contains(directive.Name)),
            .. around.Where(directive => directive.Block is not null || (s_inherited.Contains(directive.Name) && !own.Contains(IsAccess(directive.Name) ? "allow" : directive.Name))),
        ];

        static bool IsAccess(string name) => name is "allow" or "deny";
    }

    /// <summary>
    /// As nginx looks for them: exact ones, then the prefixes that forbid regular expressions, then those in the order of the
    /// file, then the other prefixes; of prefixes the longest first.
    /// </summary>
    private static IEnumerable<NginxDirective> InOrder(IEnumerable<NginxDirective> locations) => locations
        .OrderBy(location => location.First switch { "=" => 0, "^~" => 1, "~" or "~*" => 2, _ => 3 })
        .ThenBy(location => location.First is "~" or "~*" ? 0 : -(location.Arguments.Count > 0 ? location.Arguments[^1].Length : 0));

    private void TakeListen(NginxDirective listen, bool redirects, bool isOn, bool anyTls)
    {
        string text = listen.First;
        string bind = text.StartsWith("unix:", StringComparison.Ordinal) || text.Contains(':') ? text : IsNumber(text) ? $"0.0.0.0:{text}" : $"{text}:80";
        bind = bind.StartsWith("*:", StringComparison.Ordinal) ? $"0.0.0.0:{bind[2..]}" : bind;
        if (text.Length == 0 || !BindAddress.TryParse(bind, out BindAddress? address, out string? error) || address.Protocol != ListenerProtocol.Http)
        {
            Note(listen, "is no address that Darter listens at");
            return;
        }

        if (!listen.Arguments.Contains("ssl") && !isOn && anyTls && !redirects)
        {
            bind = bind.StartsWith("unix:", StringComparison.Ordinal) ? $"http:{bind}" : $"http://{bind}";
            Note(listen, "routes are the same over http and https, unless scheme says otherwise");
        }

        (redirects ? _redirectBinds : _binds).Add(bind);

        foreach (string argument in listen.Arguments.Skip(1).Where(argument => argument is not ("ssl" or "http2" or "default_server" or "default" or "ipv6only=on" or "ipv6only=off")))
        {
            Note(listen, argument switch
            {
                "proxy_protocol" => "proxy_protocol says whether proxies announce the client",
                "quic" => "HTTP/3 has no setting here",
                "reuseport" => "reuse_port = true is for all addresses",
                _ => $"{argument} has no equivalent here; backlog is for all addresses",
            });
        }
    }

    private void TakeCertificate(IReadOnlyList<NginxDirective> block)
    {
        string[] certificates = [.. block.Where(directive => directive.Name == "ssl_certificate" && directive.First.Length > 0).Select(directive => directive.First)];
        string[] keys = [.. block.Where(directive => directive.Name == "ssl_certificate_key" && directive.First.Length > 0).Select(directive => directive.First)];
        for (int index = 0; index < certificates.Length; index++)
        {
            List<KeyValuePair<string, string>> members = [new("cert", Toml.Text(certificates[index]))];
            if (index < keys.Length)
            {
                members.Add(new("key", Toml.Text(keys[index])));
            }

            _certificates.Add(Toml.Table(members));
        }
    }

    private void TakeHosts(ImportTable route, IReadOnlyList<NginxDirective> block)
    {
        List<string> hosts = [];
        foreach (NginxDirective names in block.Where(directive => directive.Name == "server_name"))
        {
            foreach (string name in names.Arguments)
            {
                if (name is "_" or "")
                {
                    continue;
                }

                string host = name.StartsWith('.') ? $"*{name}" : name;
                if (host.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('.' or '-' or '*' or '_')))
                {
                    Note(names, $"{name}: hosts are names and patterns with *");
                    continue;
                }

                if (name.StartsWith('.') && name.Length > 1)
                {
                    hosts.Add(name[1..]);
                }

                hosts.Add(host);
            }
        }

        if (hosts.Count > 0)
        {
            route.Set("host", Toml.Texts(hosts.Distinct().ToArray()));
        }
    }
}
