using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Darter.Cli.Settings;

/// <summary>Brings the value of a source into the form in which an option takes it on the command line.</summary>
internal static class OptionValues
{
    /// <summary>Returns the option's values in text; whether they are in its range is left to the option.</summary>
    internal static bool TryConvert(
        Option option,
        SettingValue value,
        SettingSource source,
        [NotNullWhen(true)] out IReadOnlyList<string>? values,
        [NotNullWhen(false)] out string? error)
    {
        values = null;
        error = null;
        if (CommandLineReader.IsList(option))
        {
            values = Items(value, source);
        }
        else if (value.Kind is SettingKind.List or SettingKind.Table)
        {
            error = $"takes one value, not {value}";
        }
        else if (option.ValueType == typeof(bool))
        {
            values = value.Truth is { } truth ? [truth ? "true" : "false"] : null;
            error = values is null ? $"must be true or false, not {value}" : null;
        }
        else if (value.Kind == SettingKind.Boolean && !(option.Arity.MinimumNumberOfValues == 0 && value.Truth == true))
        {
            error = $"must be {Expected(option)}, not {value}";
        }
        else
        {
            string text = value.Kind == SettingKind.Boolean ? "" : Units.Resolve(option, value.Text.Trim());
            string? usual = Usual(option, text);
            values = value.Kind == SettingKind.Boolean ? [] : [usual ?? text];
            error = usual is null ? $"must be {Expected(option)}, not {value}" : null;
        }

        return error is null && values is not null;
    }

    /// <summary>What a value of an option is.</summary>
    internal static SettingKind KindOf(Option option) =>
        option.ValueType == typeof(bool) ? SettingKind.Boolean : IsWhole(option) || IsReal(option) ? SettingKind.Number : SettingKind.Text;

    /// <summary>What an option takes, in words.</summary>
    private static string Expected(Option option) =>
        IsWhole(option) ? "a whole number" : IsReal(option) ? "a number" : "text";

    /// <summary>The text itself, or a number as it is usually written; null if it must be one and is not.</summary>
    private static string? Usual(Option option, string text)
    {
        if (IsWhole(option))
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
                && (Underlying(option) == typeof(long) || whole is >= int.MinValue and <= int.MaxValue)
                ? whole.ToString(CultureInfo.InvariantCulture)
                : null;
        }

        return !IsReal(option) ? text
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real)
                ? real.ToString("R", CultureInfo.InvariantCulture)
                : null;
    }

    private static bool IsWhole(Option option) => Underlying(option) is { } type && (type == typeof(int) || type == typeof(long));

    private static bool IsReal(Option option) => Underlying(option) == typeof(double);

    private static Type Underlying(Option option) => Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;

    private static IReadOnlyList<string> Items(SettingValue value, SettingSource source) =>
        // An environment has no lists.
        value.Kind == SettingKind.Text && source is SettingSource.Environment
            ? value.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : value.Items;
}
