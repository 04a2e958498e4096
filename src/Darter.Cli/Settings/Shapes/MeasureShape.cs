using System.Globalization;
using System.Text.Json;
using Darter.Cli.Options;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>A duration (<c>250ms</c>, <c>5s</c>, <c>1m</c>, or seconds) or a size (<c>64KiB</c>, <c>10MiB</c>, or bytes).</summary>
internal sealed class MeasureShape : Shape
{
    private const decimal MostSeconds = 1e9m;

    private readonly bool _isSize;
    private readonly bool _mayBeZero;

    private MeasureShape(bool isSize, bool mayBeZero)
    {
        _isSize = isSize;
        _mayBeZero = mayBeZero;
    }

    /// <summary>A duration above zero.</summary>
    internal static MeasureShape Duration { get; } = new(isSize: false, mayBeZero: false);

    /// <summary>A duration that may be zero, which mostly says: without end, or never.</summary>
    internal static MeasureShape DurationOrZero { get; } = new(isSize: false, mayBeZero: true);

    /// <summary>A size, zero included.</summary>
    internal static MeasureShape Size { get; } = new(isSize: true, mayBeZero: true);

    /// <inheritdoc/>
    internal override string Expected => _isSize ? "a size such as 64KiB or 10MiB, or a number of bytes" : "a duration such as 250ms, 5s or 1m, or a number of seconds";

    /// <summary>The duration that a value is, or null.</summary>
    internal static TimeSpan? DurationOf(TomlNode node)
    {
        if (node is not TomlScalar { Value: { Kind: SettingKind.Number or SettingKind.Text } value })
        {
            return null;
        }

        string text = value.Kind == SettingKind.Text ? Units.Seconds(value.Text) : value.Text;
        return (value.Kind == SettingKind.Number || text != value.Text)
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal seconds)
            && seconds is >= 0 and <= MostSeconds
                ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
                : null;
    }

    /// <summary>The bytes that a value is, or null.</summary>
    internal static long? SizeOf(TomlNode node) =>
        node is TomlScalar { Value: { Kind: SettingKind.Number or SettingKind.Text } value } && SizeText.TryParse(value.Text, out long bytes)
        && (value.Kind == SettingKind.Text ? !char.IsAsciiDigit(value.Text[^1]) : value.Text.All(char.IsAsciiDigit))
            ? bytes
            : null;

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) => _isSize ? SizeOf(node) is not null : DurationOf(node) is not null;

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report)
    {
        if (!_mayBeZero && DurationOf(node) == TimeSpan.Zero)
        {
            report.Error(node.Line, path, "must be above 0");
        }
    }

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue(_isSize ? "integer" : "number");
        writer.WriteStringValue("string");
        writer.WriteEndArray();
        writer.WriteNumber("minimum", 0);
        writer.WriteString("pattern", _isSize ? "^[0-9]+(\\.[0-9]+)? ?([KMGTkmgt][Ii]?)?[Bb]?$" : "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$");
    }
}
