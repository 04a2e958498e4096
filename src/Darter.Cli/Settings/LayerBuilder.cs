using System.CommandLine;
using Darter.Cli.Settings.Gunicorn;

namespace Darter.Cli.Settings;

/// <summary>Finds for each setting of a source the option that it sets, and brings the value into that option's form.</summary>
/// <param name="table">The options.</param>
/// <param name="layer">What the source sets.</param>
/// <param name="answered">Gunicorn's settings without an option of their own that a stronger source has set already.</param>
/// <param name="findings">What is wrong.</param>
internal sealed class LayerBuilder(OptionTable table, SettingLayer layer, HashSet<GunicornSetting> answered, Findings findings)
{
    private readonly HashSet<GunicornSetting> _own = [];

    /// <summary>Adds a setting, of whatever name.</summary>
    internal void Add(Setting setting)
    {
        if (setting.Name == OptionTable.Target)
        {
            SetTarget(setting);
        }
        else if (GunicornSettings.Find(setting.Name) is { } gunicorn)
        {
            Add(gunicorn, setting);
        }
        else if (table.OfName(setting.Name) is { } option)
        {
            Add(option, setting);
        }
        else
        {
            string near = NearestName.Find(setting.Name, table.Names) is { } name ? $"; did you mean {name}?" : "";
            findings.Error($"{setting.Origin.Describe(setting.Name)}: there is no such setting{near}");
        }
    }

    /// <summary>Adds a value for an option, Gunicorn's flags that Darter does not have included.</summary>
    internal void Add(Option option, Setting setting)
    {
        if (table.ForeignOf(option) is { } foreign)
        {
            Add(foreign, foreign.Takes == GunicornValue.None ? setting with { Value = SettingValue.Of(foreign.FlagValue) } : setting);
            return;
        }

        SettingValue value = setting.Value;
        string? notice = null;
        if (GunicornSettings.ForOption(option, table) is { Convert: { } convert } gunicorn)
        {
            value = convert(value, text => notice = $"{setting.Origin.Describe(setting.Name)}: {text}");
        }

        if (!value.IsNothing && ValuesOf(option, setting with { Value = value }) is { } values)
        {
            layer.Set(option, new LayerEntry(setting.Name, values, setting.Origin, notice));
        }
    }

    private void Add(GunicornSetting gunicorn, Setting setting)
    {
        string origin = setting.Origin.Describe(setting.Name);
        if (gunicorn.Option == OptionTable.Target)
        {
            SetTarget(setting);
        }
        else if (table.OptionOf(gunicorn) is { } option)
        {
            Add(option, setting);
        }
        else if (gunicorn.Treatment == GunicornTreatment.Hook)
        {
            findings.Error($"{origin}: hooks are functions of a gunicorn.conf.py, and cannot be set elsewhere");
        }
        else if (gunicorn.Option is { } missing)
        {
            findings.Error($"{origin}: this version of Darter has no option {missing}");
        }
        else if (answered.Contains(gunicorn) && !_own.Contains(gunicorn))
        {
            return;
        }
        else
        {
            answered.Add(gunicorn);
            _own.Add(gunicorn);
            if (!gunicorn.IsHarmless(setting.Value))
            {
                Answer(gunicorn, setting, origin);
            }
        }
    }

    private void Answer(GunicornSetting gunicorn, Setting setting, string origin)
    {
        if (gunicorn.Treatment == GunicornTreatment.Refused)
        {
            findings.Error($"{origin}: {gunicorn.Reason}");
        }
        else if (gunicorn.Treatment == GunicornTreatment.NoEffect)
        {
            findings.Notice($"{origin}: {gunicorn.Reason}");
        }
        else
        {
            gunicorn.Map!(setting.Value, new GunicornMapping(
                (name, value) => Imply(setting, name, value),
                text => findings.Notice($"{origin}: {text}"),
                text => findings.Error($"{origin}: {text}")));
        }
    }

    private void Imply(Setting setting, string flag, SettingValue value)
    {
        if (table.OfFlag(flag) is not { } option)
        {
            findings.Error($"{setting.Origin.Describe(setting.Name)}: this version of Darter has no option {flag}");
        }
        else if (ValuesOf(option, setting with { Value = value }) is { } values)
        {
            layer.Imply(option, new LayerEntry(setting.Name, values, setting.Origin));
        }
    }

    private void SetTarget(Setting setting)
    {
        if (setting.Value.Kind == SettingKind.Text)
        {
            // Darter's own name is the stronger one, whatever comes first.
            if (layer.Target is null || setting.Name == OptionTable.Target)
            {
                layer.Target = new LayerEntry(setting.Name, setting.Value.Items, setting.Origin);
            }
        }
        else if (!setting.Value.IsNothing)
        {
            findings.Error($"{setting.Origin.Describe(setting.Name)}: must be text, such as 'module:attr', not {setting.Value}");
        }
    }

    private IReadOnlyList<string>? ValuesOf(Option option, Setting setting)
    {
        if (OptionValues.TryConvert(option, setting.Value, setting.Origin.Source, out IReadOnlyList<string>? values, out string? error))
        {
            return values;
        }

        findings.Error($"{setting.Origin.Describe(setting.Name)}: {error}");
        return null;
    }
}
