using System.Collections;
using System.CommandLine;
using System.Globalization;
using Darter.Cli.Options;
using Darter.Cli.Settings.Files;
using Darter.Cli.Settings.LongForm;
using Darter.Server.Configuration;

namespace Darter.Cli.Settings;

/// <summary>Gathers what holds, with where it comes from.</summary>
internal static class EffectiveSettings
{
    // They say what to do with the settings.
    private static readonly string[] Commands = ["--check-config", "--print-config"];

    // What is shown of it is only whether there is one: the output goes to terminals, logs and reports of bugs.
    private const string Secret = "--hub-key";

    // Addresses that may have a password in them, likewise.
    private static readonly string[] Addresses = ["--hub", "--cache-redis"];

    internal static IReadOnlyList<EffectiveSetting> Of(LayerStack stack, ParseResult result, RunConfig config, ConfigFileReference? file)
    {
        // Without an application, or with a table for each, there is no target of the whole.
        List<EffectiveSetting> settings = config.Apps.Count == 0 ? [] :
        [
            new(OptionTable.Target, [config.Workers.Target], false, SettingKind.Text, stack.Target?.Origin ?? SettingOrigin.Default),
        ];
        foreach (Option option in stack.Table.Options.Where(option => !Commands.Contains(option.Name)))
        {
            LayerEntry? entry = stack.Find(option);
            SettingOrigin origin = entry?.Origin ?? SettingOrigin.Default;
            IEnumerable<string> values = entry?.Values ?? Texts(result.GetResult(option)?.GetValueOrDefault<object?>() ?? (option.HasDefaultValue ? option.GetDefaultValue() : null));
            if (entry is null && option.Name == "--python" && config.Apps.Count > 0)
            {
                // Found, unless named.
                values = [config.Workers.Python];
                origin = new SettingOrigin(SettingSource.Default, PythonLocator.Find(null, config.Workers.Target, config.Workers.WorkingDirectory)?.Reason ?? "default");
            }

            if (entry is null && option.Name == "--config" && file is not null)
            {
                values = [file.Display];
            }

            if (option.Name == Secret)
            {
                values = values.Select(value => value.Length == 0 ? value : "***");
            }
            else if (Addresses.Contains(option.Name))
            {
                values = values.Select(value => RedisAddress.TryParse(value, out RedisAddress? address, out _) ? address.ToString() : value);
            }

            settings.Add(new EffectiveSetting(OptionTable.NameOf(option), [.. values], CommandLineReader.IsList(option), OptionValues.KindOf(option), origin));
        }

        return settings;
    }

    /// <summary>What an application has for itself.</summary>
    internal static EffectiveApp Of(AppSource app, LayerStack stack, AppConfig config)
    {
        List<EffectiveSetting> settings = [new(OptionTable.Target, [config.Workers.Target], false, SettingKind.Text, stack.Target?.Origin ?? SettingOrigin.Default)];
        foreach (Option option in stack.Table.Options.Where(AppSettings.Has))
        {
            if (stack.FindOwn(app, option) is not null && stack.Find(option) is { } entry)
            {
                settings.Add(new EffectiveSetting(OptionTable.NameOf(option), entry.Values, CommandLineReader.IsList(option), OptionValues.KindOf(option), entry.Origin));
            }
            else if (option.Name == "--python" && stack.Find(option) is null)
            {
                SettingOrigin found = new(SettingSource.Default, PythonLocator.Find(null, config.Workers.Target, config.Workers.WorkingDirectory)?.Reason ?? "default");
                settings.Add(new EffectiveSetting(OptionTable.NameOf(option), [config.Workers.Python], false, SettingKind.Text, found));
            }
        }

        return new EffectiveApp(app.Name, settings);
    }

    private static IEnumerable<string> Texts(object? value) => value switch
    {
        null or "" => [],
        string text => [text],
        bool truth => [truth ? "true" : "false"],
        IFormattable number => [number.ToString(null, CultureInfo.InvariantCulture)],
        IEnumerable items => items.Cast<object?>().SelectMany(Texts),
        _ => [value.ToString() ?? ""],
    };
}
