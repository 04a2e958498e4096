using System.CommandLine;
using Darter.Cli.Settings.Gunicorn;

namespace Darter.Cli.Settings;

/// <summary>
/// The options of a command by the names that its users have for them: Darter's own, and Gunicorn's, flags and settings.
/// What Gunicorn has and Darter has not is there as a hidden option, so that it is read as Gunicorn reads it and can be
/// answered for.
/// </summary>
internal sealed class OptionTable
{
    /// <summary>The setting that stands for the argument TARGET.</summary>
    internal const string Target = "target";

    private readonly Dictionary<string, Option> _byFlag = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Option> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Option, GunicornSetting> _foreign = [];

    /// <param name="options">The options that are settings.</param>
    /// <param name="further">Options of the command that are not.</param>
    internal OptionTable(IEnumerable<Option> options, IEnumerable<Option> further)
    {
        Options = [.. options];
        Further = [.. further];
        foreach (Option option in Options)
        {
            foreach (string flag in (IEnumerable<string>)[option.Name, .. option.Aliases])
            {
                _byFlag.TryAdd(flag, option);
                AddName(option, flag);
            }
        }

        foreach (Option option in Further)
        {
            _byFlag.TryAdd(option.Name, option);
        }

        foreach (GunicornSetting setting in GunicornSettings.All)
        {
            Adopt(setting);
        }
    }

    /// <summary>Darter's options, in the order of the help.</summary>
    internal IReadOnlyList<Option> Options { get; }

    /// <summary>Options of the command that are no settings.</summary>
    internal IReadOnlyList<Option> Further { get; }

    /// <summary>Gunicorn's flags that are no options of Darter.</summary>
    internal IEnumerable<Option> Foreign => _foreign.Keys;

    /// <summary>Every name that a setting may have.</summary>
    internal IEnumerable<string> Names => [.. _byName.Keys, .. GunicornSettings.All.Select(setting => setting.Name), Target];

    /// <summary>Every flag.</summary>
    internal IEnumerable<string> Flags => _byFlag.Keys;

    /// <summary>The name of an option's setting.</summary>
    internal static string NameOf(Option option) => option.Name.TrimStart('-').Replace('-', '_');

    /// <summary>The option with a flag, hidden ones included, or null.</summary>
    internal Option? OfFlag(string flag) => _byFlag.GetValueOrDefault(flag);

    /// <summary>Darter's option of that name, by any of its long flags, or null.</summary>
    internal Option? OfName(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Gunicorn's setting that a hidden option stands for, or null.</summary>
    internal GunicornSetting? ForeignOf(Option option) => _foreign.GetValueOrDefault(option);

    /// <summary>The option that does what Gunicorn's setting does, or null.</summary>
    internal Option? OptionOf(GunicornSetting setting) =>
        setting.Option is { } name && _byFlag.TryGetValue(name, out Option? option) && !_foreign.ContainsKey(option)
            ? option
            : setting.Flags.Append($"--{setting.Name.Replace('_', '-')}").Select(OfFlag).FirstOrDefault(found => found is not null && !_foreign.ContainsKey(found));

    /// <summary>The option that the setting of that name sets, Gunicorn's names included, or null.</summary>
    internal Option? OptionOf(string name) => GunicornSettings.Find(name) is { } setting ? OptionOf(setting) : OfName(name);

    private void Adopt(GunicornSetting setting)
    {
        if (OptionOf(setting) is { } own)
        {
            foreach (string flag in setting.Flags.Where(flag => !_byFlag.ContainsKey(flag)))
            {
                own.Aliases.Add(flag);
                _byFlag.Add(flag, own);
                AddName(own, flag);
            }

            return;
        }

        string[] free = [.. setting.Flags.Where(flag => !_byFlag.ContainsKey(flag))];
        if (free.Length > 0)
        {
            // The longest is its name: -k, --worker-class.
            string name = free.MaxBy(flag => flag.Length)!;
            Option option = new Option<string[]>(name, [.. free.Where(flag => flag != name)])
            {
                Hidden = true,
                Arity = setting.Takes switch
                {
                    GunicornValue.None => ArgumentArity.Zero,
                    GunicornValue.Optional => ArgumentArity.ZeroOrOne,
                    _ => ArgumentArity.OneOrMore,
                },
            };
            _foreign.Add(option, setting);
            foreach (string flag in free)
            {
                _byFlag.Add(flag, option);
            }
        }
    }

    private void AddName(Option option, string flag)
    {
        if (flag.StartsWith("--", StringComparison.Ordinal))
        {
            _byName.TryAdd(flag[2..].Replace('-', '_'), option);
        }
    }
}
