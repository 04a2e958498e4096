using System.Globalization;

namespace Darter.Cli.Settings;

/// <summary>
/// A value as a source has it, in text: one item, or those of a list; of a table, <c>NAME=VALUE</c> for each.
/// </summary>
internal sealed record SettingValue(SettingKind Kind, IReadOnlyList<string> Items)
{
    internal static SettingValue None { get; } = new(SettingKind.None, []);

    /// <summary>The value of a flag that has none.</summary>
    internal static SettingValue True { get; } = Of(true);

    /// <summary>The only item; meaningless for lists and tables.</summary>
    internal string Text => Items.Count == 1 ? Items[0] : "";

    /// <summary>Whether it comes to the same as not setting it.</summary>
    internal bool IsNothing => Kind == SettingKind.None || (Kind is SettingKind.List or SettingKind.Table && Items.Count == 0);

    /// <summary>The truth value, also as text, as Gunicorn and environments write it; null if it is none.</summary>
    internal bool? Truth => Kind is SettingKind.Boolean or SettingKind.Number or SettingKind.Text
        ? Text.Trim().ToLowerInvariant() switch
        {
            "true" or "1" or "yes" or "on" => true,
            "false" or "0" or "no" or "off" => false,
            _ => null,
        }
        : null;

    internal static SettingValue Of(bool value) => new(SettingKind.Boolean, [value ? "true" : "false"]);

    internal static SettingValue Of(long value) => new(SettingKind.Number, [value.ToString(CultureInfo.InvariantCulture)]);

    internal static SettingValue Of(double value) => new(SettingKind.Number, [value.ToString("R", CultureInfo.InvariantCulture)]);

    internal static SettingValue Of(string value) => new(SettingKind.Text, [value]);

    /// <summary>The value as an operator would read it.</summary>
    public override string ToString() => Kind switch
    {
        SettingKind.None => "None",
        SettingKind.Text => $"'{Text}'",
        SettingKind.List or SettingKind.Table => $"[{string.Join(", ", Items)}]",
        _ => Text,
    };
}
