using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Darter.Cli.Options;
using Darter.Cli.Settings.Files;
using Darter.Cli.Settings.LongForm;
using Darter.Workers.Hooks;

namespace Darter.Cli.Settings;

/// <summary>
/// Has the options take the values from all sources, as if all were on one command line: an option's rules are in one
/// place, whatever its value comes from.
/// </summary>
/// <param name="options">The options.</param>
/// <param name="command">A command that has them.</param>
/// <param name="stack">The sources.</param>
/// <param name="launchFolder">The folder the command was started in.</param>
internal sealed partial class SettingsBinder(RunOptions options, Command command, LayerStack stack, string launchFolder)
{
    private readonly Dictionary<Option, LayerEntry> _entries = [];
    private readonly string _folder = Path.GetFullPath(stack.Value(options.ChangeDirectory) ?? ".", launchFolder);

    /// <summary>Returns what came of it, with what was wrong before.</summary>
    internal LoadedConfig Bind(ConfigFileReference? reference, ConfigFile file)
    {
        LongFormConfig longForm = file.LongForm;
        AppsBinder apps = new(options, command, stack, launchFolder);
        RunConfig? config = BindOptions(apps.HasOnlyOne(longForm), _ => true, out ParseResult result);
        IReadOnlyList<EffectiveSetting> settings = config is null ? [] : EffectiveSettings.Of(stack, result, config, reference);
        IReadOnlyList<EffectiveApp> effectiveApps = [];
        if (config is not null)
        {
            config = apps.Bind(longForm, config, out effectiveApps);
        }

        if (config is not null && reference?.Kind == ConfigFileKind.Python)
        {
            HooksConfig hooks = new()
            {
                Location = reference.Location,
                Folder = launchFolder,
                Names = file!.Hooks.Keys.ToHashSet(),
                Settings = SettingsJson.ForGunicorn(settings, stack.Table),
            };
            config = config.WithWorkers(workers => workers with { Hooks = hooks });
        }

        return new LoadedConfig
        {
            Config = stack.Findings.Errors.Count == 0 ? config : null,
            Errors = stack.Findings.Errors,
            Notices = stack.Findings.Notices,
            File = reference,
            Settings = settings,
            Apps = effectiveApps,
        };
    }

    /// <summary>Has the options take their values; null, with what is wrong in the findings.</summary>
    /// <param name="hasApplication">Whether the target and its interpreter are needed.</param>
    /// <param name="takes">The options that take theirs; the others have their defaults.</param>
    /// <param name="result">The values.</param>
    internal RunConfig? BindOptions(bool hasApplication, Func<Option, bool> takes, out ParseResult result)
    {
        result = command.Parse(Words(takes), new ParserConfiguration { ResponseFileTokenReplacer = null });
        foreach (ParseError error in result.Errors)
        {
            stack.Findings.Error(error.SymbolResult is OptionResult of && _entries.TryGetValue(of.Option, out LayerEntry? entry)
                ? Attribute(of.Option, entry, error.Message)
                : error.Message);
        }

        if (result.Errors.Count > 0)
        {
            return null;
        }

        RunConfig? config = options.Bind(result, hasApplication, out IReadOnlyList<string> errors);
        foreach (string error in errors)
        {
            stack.Findings.Error(Attribute(error));
        }

        return config;
    }

    private List<string> Words(Func<Option, bool> takes)
    {
        List<string> words = [];
        foreach (Option option in stack.Table.Options.Where(takes))
        {
            if (stack.Find(option) is { } entry)
            {
                _entries.Add(option, entry);
                words.AddRange(WordsFor(option, FilePaths.Resolve(option, entry.Values, _folder, launchFolder)));
                if (entry.Notice is { } notice)
                {
                    stack.Findings.Notice(notice);
                }
            }
        }

        if (stack.Target is { } target)
        {
            words.AddRange(["--", target.Values[0]]);
        }

        return words;
    }

    /// <summary>The option as on a command line, in one word where that is possible, so that no value is taken for a flag.</summary>
    private static IEnumerable<string> WordsFor(Option option, IReadOnlyList<string> values) =>
        option.Arity.MaximumNumberOfValues == 0 ? values[0] == "true" ? [option.Name] : []
        : values.Count == 0 ? [option.Name]
        : values.SelectMany(value => value.Length == 0 ? (string[])[option.Name, value] : [$"{option.Name}={value}"]);

    /// <summary>Names the place of a setting in a message about its option.</summary>
    private static string Attribute(Option option, LayerEntry entry, string message)
    {
        string rest = message.StartsWith(option.Name, StringComparison.Ordinal) ? message[option.Name.Length..].TrimStart(':', ' ') : message;
        return entry.Origin.Source == SettingSource.Flag && rest.Length != message.Length
            ? message.TrimEnd('.')
            : $"{entry.Origin.Describe(entry.Name)}: {rest.TrimEnd('.')}";
    }

    /// <summary>The same for a message that begins with the option's flag.</summary>
    private string Attribute(string message) =>
        LeadingFlag().Match(message) is { Success: true } match
        && stack.Table.OfFlag(match.Value) is { } option
        && _entries.TryGetValue(option, out LayerEntry? entry)
            ? Attribute(option, entry, message)
            : message;

    [GeneratedRegex("^--[a-z0-9-]+")]
    private static partial Regex LeadingFlag();
}
