namespace Darter.Cli.Settings.Gunicorn;

/// <summary>A setting of Gunicorn, and what it comes to here. docs/reference/gunicorn.md has a row for each.</summary>
internal sealed record GunicornSetting
{
    /// <summary>Its name in a configuration file.</summary>
    internal required string Name { get; init; }

    /// <summary>Its flags; none for what only a file can set.</summary>
    internal IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>What follows its flags.</summary>
    internal GunicornValue Takes { get; init; }

    /// <summary>What a flag without a value sets it to.</summary>
    internal bool FlagValue { get; init; } = true;

    /// <summary>What becomes of it.</summary>
    internal required GunicornTreatment Treatment { get; init; }

    /// <summary>The option with its meaning, by its longest flag, or <see cref="OptionTable.Target"/>.</summary>
    internal string? Option { get; init; }

    /// <summary>Brings a value into Darter's form, and says so where that changes what it means.</summary>
    internal Func<SettingValue, Action<string>, SettingValue>? Convert { get; init; }

    /// <summary>Sets other options in its place.</summary>
    internal Action<SettingValue, GunicornMapping>? Map { get; init; }

    /// <summary>Why it has no effect or is refused, and what to use instead.</summary>
    internal string Reason { get; init; } = "";

    /// <summary>Values that are Gunicorn's default, or ask for nothing: files often write them out.</summary>
    internal IReadOnlyList<string> Harmless { get; init; } = [];

    /// <summary>Whether a value asks for nothing, so that there is nothing to say about it.</summary>
    internal bool IsHarmless(SettingValue value) =>
        value.IsNothing || (value.Items.Count == 1 && Harmless.Contains(value.Text.Trim(), StringComparer.OrdinalIgnoreCase));
}
