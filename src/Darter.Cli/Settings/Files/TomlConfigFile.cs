using Darter.Cli.Settings.LongForm;
using Darter.Cli.Settings.Shapes;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Files;

/// <summary><c>darter.toml</c>, or the section <c>[tool.darter]</c> of <c>pyproject.toml</c>.</summary>
internal static class TomlConfigFile
{
    private const string Tools = "tool";
    private const string Section = "darter";
    private const string DevelopmentTable = "dev";

    // Settings that are tables themselves.
    private static readonly string[] s_tables = ["secure_scheme_headers", "env"];

    /// <summary>Whether a <c>pyproject.toml</c> has settings for Darter. A file that cannot be read counts as one that has, to be reported.</summary>
    internal static bool HasSection(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            return text.Contains(Section, StringComparison.Ordinal) && TomlTree.Parse(text, path) is var tree && (tree.Errors.Count > 0 || SectionOf(tree.Root) is not null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Reads the file; what is wrong with it goes to <paramref name="findings"/>.</summary>
    internal static ConfigFile Read(ConfigFileReference reference, OptionTable table, Findings findings)
    {
        string text;
        try
        {
            text = File.ReadAllText(reference.Location);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            findings.Error($"--config: {exception.Message}");
            return new ConfigFile();
        }

        return Read(text, reference, table, findings);
    }

    /// <summary>Reads the text of a file.</summary>
    internal static ConfigFile Read(string text, ConfigFileReference reference, OptionTable table, Findings findings)
    {
        ConfigFile file = new();
        FileReport report = new(reference.Display, findings);
        TomlTree tree = TomlTree.Parse(text, reference.Display);
        foreach ((int line, string message) in tree.Errors)
        {
            report.Error(line, "", message);
        }

        TomlTable? root = reference.Kind == ConfigFileKind.PyProject ? SectionOf(tree.Root)?.Value as TomlTable : tree.Root;
        if (tree.Errors.Count > 0 || root is null)
        {
            return file;
        }

        foreach (TomlMember member in root.Members.Where(member => !LongFormReader.Has(member)))
        {
            Take(member, file, table, report);
        }

        new LongFormReader(new ConfigShape(table), file, Path.GetDirectoryName(reference.Location)!, report).Read(root);
        FindTwice(file, table, report);
        return file;
    }

    private static TomlMember? SectionOf(TomlTable root) => (root.Find(Tools)?.Value as TomlTable)?.Find(Section);

    private static void Take(TomlMember member, ConfigFile file, OptionTable table, FileReport report)
    {
        string name = TableShape.Usual(member.Name);
        if (name == DevelopmentTable && member.Value is TomlTable development)
        {
            file.Development.AddRange(development.Members.Select(inner => new Setting(TableShape.Usual(inner.Name), inner.Value.ToSetting(), report.Origin(inner.Line))));
        }
        else if (member.Value is TomlTable { IsInline: false } && !s_tables.Contains(name))
        {
            string near = NearestName.Find(name, ["tls", "cache", "apps", "upstreams", "routes", "dev"]) is { } found ? $"; did you mean [{found}]?" : "";
            report.Error(member.Line, "", near.Length > 0
                ? $"there is no table [{member.Name}]{near}"
                : $"there is no table [{member.Name}]; settings are keys of their own, such as 'bind' and 'workers'");
        }
        else
        {
            file.Settings.Add(new Setting(name, member.Value.ToSetting(), report.Origin(member.Line)));
        }
    }

    /// <summary>A setting has several names, and a place in a table may be one of them.</summary>
    private static void FindTwice(ConfigFile file, OptionTable table, FileReport report)
    {
        foreach (IGrouping<string, Setting> same in file.Settings.GroupBy(setting => table.OptionOf(setting.Name)?.Name ?? setting.Name))
        {
            Setting first = same.First();
            foreach (Setting second in same.Skip(1))
            {
                report.Error(second.Origin.Line!.Value, second.Origin.Key ?? second.Name, $"is set at line {first.Origin.Line} already, as {first.Origin.Key ?? first.Name}");
            }
        }
    }
}
