using System.Globalization;

namespace Darter.Cli.Settings.Gunicorn;

/// <summary>Values of Gunicorn's settings that Darter writes otherwise.</summary>
internal static class GunicornValues
{
    /// <summary>A limit of 0, which stands for none: nothing is unlimited in the front.</summary>
    internal static Func<SettingValue, Action<string>, SettingValue> Unlimited(int most) => (value, notice) =>
    {
        if (value.Text.Trim() != "0")
        {
            return value;
        }

        notice($"0 stands for the most that is allowed: {most}");
        return SettingValue.Of(most);
    };

    /// <summary>A file's mode, which Python has as a number: 0o22 is 18, and 022 here.</summary>
    internal static SettingValue Octal(SettingValue value, Action<string> notice) =>
        value.Kind == SettingKind.Number && long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long mode)
            ? SettingValue.Of("0" + Convert.ToString(mode, 8))
            : value;

    internal static SettingValue LowerCase(SettingValue value, Action<string> notice) =>
        value.Kind == SettingKind.Text ? SettingValue.Of(value.Text.Trim().ToLowerInvariant()) : value;

    /// <summary>Until 23 it was true or false; true is either version.</summary>
    internal static SettingValue ProxyProtocol(SettingValue value, Action<string> notice) =>
        value.Truth is { } truth ? SettingValue.Of(truth ? "auto" : "off") : LowerCase(value, notice);

    /// <summary>Header fields, as they are on the command line: NAME:VALUE.</summary>
    internal static SettingValue Fields(SettingValue value, Action<string> notice) => value.Kind == SettingKind.Table
        ? new SettingValue(SettingKind.List, [.. value.Items.Select(item => string.Join(':', item.Split('=', 2)))])
        : value;

    internal static void Protocols(SettingValue value, GunicornMapping mapping)
    {
        string[] protocols = value.Text.Split(',', StringSplitOptions.TrimEntries);
        if (protocols.FirstOrDefault(protocol => protocol is not ("h1" or "h2")) is { } other)
        {
            mapping.Refuse($"'{other}' is not served, only h1 and h2");
        }
        else
        {
            mapping.Notice("every address takes HTTP/1.1, and HTTP/2 from clients that begin with it");
        }
    }

    internal static void Cleartext(SettingValue value, GunicornMapping mapping)
    {
        switch (value.Truth is true ? "both" : value.Text.Trim())
        {
            case "prior-knowledge":
                mapping.Notice("always so: every address takes HTTP/2 from clients that begin with it");
                break;
            case "upgrade" or "both":
                mapping.Notice("every address takes HTTP/2 from clients that begin with it; a request that asks for an upgrade is answered over HTTP/1.1, as RFC 9113 has it");
                break;
            default:
                mapping.Refuse($"must be off, prior-knowledge, upgrade or both, not {value}");
                break;
        }
    }
}
