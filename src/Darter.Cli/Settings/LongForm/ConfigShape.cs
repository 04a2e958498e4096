using System.CommandLine;
using Darter.Cli.Settings.Gunicorn;
using Darter.Cli.Settings.Shapes;

namespace Darter.Cli.Settings.LongForm;

/// <summary>The whole of <c>darter.toml</c>.</summary>
internal sealed class ConfigShape
{
    // They say where the settings are, or what to do with them.
    private static readonly string[] s_commands = ["--config", "--check-config", "--print-config"];

    /// <param name="table">The options, of which each is a key.</param>
    internal ConfigShape(OptionTable table)
    {
        Cache = SettingSection.Cache(table);
        Tls = SettingSection.Tls(table);
        Acme = SettingSection.Acme(table);
        TableKey target = new(OptionTable.Target, TextShape.Any, "The application: module:attr, module:factory(), module, path/to/app.py[:attr], or a project folder") { Aliases = AliasesOf(null, table) };
        TableKey[] options = [.. table.Options.Where(option => !s_commands.Contains(option.Name)).Select(option => KeyOf(option, table))];
        App = new TableShape([target, .. options.Where(key => AppSettings.Flags.Contains($"--{key.Name.Replace('_', '-')}"))])
        {
            Elsewhere = name => table.OptionOf(name) is not null || name == "env" ? "is a setting of the server as a whole: it stands at the top of the file, before the first table" : null,
        };
        Root = new TableShape(
        [
            target,
            .. options.Select(key => key.Name == "cache" ? key with { Shape = new AnyShape(key.Shape, Cache.Shape), Description = $"{key.Description}; or a table" } : key),
            new TableKey("tls", Tls.Shape, "https: certificates, and what is spoken"),
            new TableKey("apps", new MapShape(App, "name of an application: use letters, digits and hyphens", AppSettings.IsName), "The applications by name; what stands at the top of the file is their default"),
            new TableKey("upstreams", new MapShape(UpstreamShapes.Upstream, "name of an upstream: use letters, digits and hyphens", AppSettings.IsName), "Servers that requests can be given to, by name"),
            new TableKey("routes", new ListShape(RouteShapes.Route, orSingle: false, mayBeEmpty: true), "Which requests go where; the first that fits has the request, and one that fits none is the only application's, else 404"),
            new TableKey("dev", new TableShape([target, .. options]), "Settings for 'darter dev' alone"),
        ]);
    }

    /// <summary>The file.</summary>
    internal TableShape Root { get; }

    /// <summary><c>[apps.NAME]</c>.</summary>
    internal TableShape App { get; }

    /// <summary><c>[cache]</c>.</summary>
    internal SettingSection Cache { get; }

    /// <summary><c>[tls]</c>.</summary>
    internal SettingSection Tls { get; }

    /// <summary><c>acme</c> in it.</summary>
    internal SettingSection Acme { get; }

    private static TableKey KeyOf(Option option, OptionTable table)
    {
        TableKey key = SettingSection.KeyOf(OptionTable.NameOf(option), option, table);
        return key with { Aliases = [.. AliasesOf(option, table).Where(alias => alias != key.Name)] };
    }

    private static IReadOnlyList<string> AliasesOf(Option? option, OptionTable table) =>
    [
        .. (option is null ? [] : option.Aliases.Where(flag => flag.StartsWith("--", StringComparison.Ordinal)).Select(flag => TableShape.Usual(flag[2..]))),
        .. GunicornSettings.All.Where(setting => option is null ? setting.Option == OptionTable.Target : table.OptionOf(setting) == option).Select(setting => setting.Name),
    ];
}
