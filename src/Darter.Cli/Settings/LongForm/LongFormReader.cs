using Darter.Cli.Settings.Files;
using Darter.Cli.Settings.Shapes;
using Darter.Cli.Settings.Toml;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;

namespace Darter.Cli.Settings.LongForm;

/// <summary>Reads the tables of the long form: <c>[tls]</c>, <c>[cache]</c>, <c>[apps]</c>, <c>[upstreams]</c> and <c>[[routes]]</c>.</summary>
/// <param name="shape">What they may have.</param>
/// <param name="file">Takes what they say.</param>
/// <param name="folder">The file's folder.</param>
/// <param name="report">Takes the mistakes.</param>
internal sealed class LongFormReader(ConfigShape shape, ConfigFile file, string folder, FileReport report)
{
    private static readonly string[] s_names = ["tls", "cache", "apps", "upstreams", "routes"];

    /// <summary>Whether a key begins the long form. <c>cache</c> is a setting too, if it is not a table.</summary>
    internal static bool Has(TomlMember member) => s_names.Contains(member.Name) && !(member is { Name: "cache", Value: TomlScalar });

    /// <summary>Reads those of the tables that <paramref name="root"/> has.</summary>
    internal void Read(TomlTable root)
    {
        TomlMember? upstreams = root.Find("upstreams");
        TomlMember? routes = root.Find("routes");
        file.LongForm.HasRoutes = routes is not null;
        if (root.Find("cache") is { Value: not TomlScalar } cache && shape.Cache.Shape.Check(cache.Value, "cache", report))
        {
            AddSettings((TomlTable)cache.Value, shape.Cache, "cache");
        }

        if (root.Find("tls") is { } tls && shape.Tls.Shape.Check(tls.Value, "tls", report))
        {
            ReadTls((TomlTable)tls.Value, routes?.Value as TomlList);
        }

        if (root.Find("apps") is { } apps && CheckMap(apps))
        {
            foreach (TomlMember app in ((TomlTable)apps.Value).Members)
            {
                ReadApp(app);
            }
        }

        if (upstreams is not null && CheckMap(upstreams))
        {
            foreach (TomlMember upstream in ((TomlTable)upstreams.Value).Members)
            {
                ReadUpstream(upstream);
            }
        }

        if (routes is not null)
        {
            ReadRoutes(routes, [.. ((upstreams?.Value as TomlTable)?.Members ?? []).Select(member => member.Name)]);
        }
    }

    private bool CheckMap(TomlMember member)
    {
        if (member.Value is TomlTable)
        {
            return true;
        }

        report.Error(member.Line, member.Name, $"must be tables, [{member.Name}.NAME], not {member.Value.Display}");
        return false;
    }

    private bool CheckName(TomlMember member, string of)
    {
        if (!AppSettings.IsName(member.Name))
        {
            report.Error(member.Line, of, $"'{member.Name}' is no name: use letters, digits, hyphens, underscores and dots");
            return false;
        }

        return true;
    }

    private void ReadApp(TomlMember member)
    {
        string path = $"apps.{member.Name}";
        if (!CheckName(member, "apps") || !shape.App.Check(member.Value, path, report))
        {
            return;
        }

        TomlTable table = (TomlTable)member.Value;
        if (table.Members.All(key => shape.App.Find(key.Name)!.Name != OptionTable.Target))
        {
            report.Error(member.Line, path, "target is missing: it says what is loaded, such as 'module:attr'");
        }

        file.LongForm.Apps.Add(new AppSource(
            member.Name,
            report.Origin(member.Line, path),
            [.. table.Members.Select(key => new Setting(TableShape.Usual(key.Name), key.Value.ToSetting(), report.Origin(key.Line, $"{path}.{key.Name}")))]));
    }

    private void ReadUpstream(TomlMember member)
    {
        string path = $"upstreams.{member.Name}";
        if (CheckName(member, "upstreams") && UpstreamShapes.Upstream.Check(member.Value, path, report))
        {
            UpstreamConfig upstream = new UpstreamBinder(folder).Bind(new TableReader((TomlTable)member.Value, UpstreamShapes.Upstream, path, report));
            file.LongForm.Upstreams.Add(member.Name, upstream);
        }
    }

    private void ReadRoutes(TomlMember member, IReadOnlyCollection<string> upstreams)
    {
        if (member.Value is not TomlList list || list.Items.Any(item => item is not TomlTable))
        {
            report.Error(member.Line, "routes", $"must be tables, [[routes]], not {(member.Value is TomlList ? "other values" : member.Value.Display)}");
            return;
        }

        RouteBinder binder = new(folder, upstreams);
        foreach (TomlTable table in list.Items.Cast<TomlTable>())
        {
            if (!RouteShapes.Route.Check(table, "routes", report))
            {
                continue;
            }

            TableReader reader = new(table, RouteShapes.Route, "routes", report);
            if (reader.Text("app") is { } app)
            {
                file.LongForm.NamedApps.Add(new NamedApp(app, report.Origin(reader.LineOf("app"), "routes.app")));
            }

            if (binder.Bind(reader) is { } route)
            {
                file.LongForm.Routes.Add(route);
            }
        }
    }

    private void ReadTls(TomlTable table, TomlList? routes)
    {
        AddSettings(table, shape.Tls, "tls");
        TableReader reader = new(table, shape.Tls.Shape, "tls", report);
        if (reader.Node("certificates") is { } certificates)
        {
            TableReader[] each = [.. (certificates is TomlList list ? list.Items : [certificates])
                .Select(item => new TableReader((TomlTable)item, SettingSection.Certificate, "tls.certificates", report))];
            SettingOrigin origin = report.Origin(reader.LineOf("certificates"), "tls.certificates");
            file.Settings.Add(new Setting("certfile", new SettingValue(SettingKind.List, [.. each.Select(item => item.Text("cert")!)]), origin));
            if (each.Any(item => item.Has("key")))
            {
                // One key for each certificate: where none is named it is in the certificate's own file.
                file.Settings.Add(new Setting("keyfile", new SettingValue(SettingKind.List, [.. each.Select(item => item.Text("key") ?? item.Text("cert")!)]), origin));
            }
        }

        if (reader.Table("acme", shape.Acme.Shape) is not null)
        {
            AddSettings((TomlTable)reader.Node("acme")!, shape.Acme, "tls.acme");
        }
        else if (reader.Text("acme") is { } email)
        {
            SettingOrigin origin = report.Origin(reader.LineOf("acme"), "tls.acme");
            string[] hosts = [.. HostsOf(routes)];
            if (hosts.Length == 0)
            {
                reader.Error("acme", "no route names a host for which there could be a certificate: write { email = \"...\", domains = [\"...\"] }");
                return;
            }

            file.Settings.Add(new Setting("acme_email", SettingValue.Of(email), origin));
            file.Settings.Add(new Setting("acme_domain", new SettingValue(SettingKind.List, hosts), origin));
        }
    }

    /// <summary>The hosts of the routes that are names, and no patterns.</summary>
    private static IEnumerable<string> HostsOf(TomlList? routes) => (routes?.Items ?? [])
        .OfType<TomlTable>()
        .Select(route => route.Find("host")?.Value)
        .SelectMany(host => host is TomlList list ? list.Items : host is null ? [] : (IEnumerable<TomlNode>)[host])
        .Select(host => host.ToSetting().Text)
        .Where(host => host.Contains('.') && !host.Contains('*') && !RouteExpression.Is(host) && !System.Net.IPAddress.TryParse(host.Trim('[', ']'), out _))
        .Distinct();

    private void AddSettings(TomlTable table, SettingSection section, string path)
    {
        foreach (TomlMember member in table.Members)
        {
            if (section.SettingOf(member.Name) is { } setting)
            {
                file.Settings.Add(new Setting(setting, member.Value.ToSetting(), report.Origin(member.Line, $"{path}.{member.Name}")));
            }
        }
    }
}
