using System.CommandLine;
using Darter.Cli.Settings;
using Darter.Cli.Settings.Files;

namespace Darter.Cli.Importing;

/// <summary>A gunicorn.conf.py, which was executed.</summary>
internal static class GunicornImport
{
    /// <summary>Takes what the file sets.</summary>
    internal static ImportResult Import(ConfigFile file, ConfigFileReference reference, OptionTable table)
    {
        ImportResult result = new(reference.Display);
        Findings findings = new();
        LayerStack stack = new(table, findings);
        FileSource.Take(file, reference, stack);
        if (stack.Target is { } target)
        {
            result.Settings.Set(OptionTable.Target, Toml.Text(target.Values[0]));
        }

        foreach (Option option in table.Options)
        {
            if (stack.Find(option) is { } entry)
            {
                result.Settings.Set(OptionTable.NameOf(option), ValueOf(option, entry.Values));
                if (entry.Notice is { } notice)
                {
                    result.Note(notice);
                }
            }
        }

        foreach (string message in findings.Errors.Concat(findings.Notices))
        {
            result.Note(message);
        }

        foreach ((string hook, SettingOrigin origin) in file.Hooks)
        {
            result.Note($"{origin}: {hook}: hooks are functions of a gunicorn.conf.py: to have them called, go on with '-c {reference.Display}'");
        }

        return result;
    }

    private static string ValueOf(Option option, IReadOnlyList<string> values) =>
        CommandLineReader.IsList(option) ? Toml.List(values)
        : values.Count == 0 ? "true"
        : OptionValues.KindOf(option) is SettingKind.Boolean or SettingKind.Number ? values[0]
        : Toml.Text(values[0]);
}
