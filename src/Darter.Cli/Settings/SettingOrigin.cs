namespace Darter.Cli.Settings;

/// <summary>Where a setting comes from.</summary>
/// <param name="Source">The kind of source; the first one in the enumeration that sets something wins.</param>
/// <param name="Place">The flag, the variable or the file, as an operator knows it.</param>
/// <param name="Line">The line in the file, from 1 on, if that can be told.</param>
internal sealed record SettingOrigin(SettingSource Source, string Place, int? Line = null)
{
    /// <summary>The origin of what nothing sets.</summary>
    internal static SettingOrigin Default { get; } = new(SettingSource.Default, "default");

    /// <summary>How the place calls the setting, if that is not its name: <c>tls.certificates</c>. Default null.</summary>
    internal string? Key { get; init; }

    /// <summary>Begins a message about the setting <paramref name="name"/>.</summary>
    internal string Describe(string name) => Source switch
    {
        SettingSource.Flag or SettingSource.Environment or SettingSource.DefaultEnvironment => Place,
        SettingSource.CommandArguments => $"{Place}: {name}",
        _ => $"{this}: {Key ?? name}",
    };

    /// <inheritdoc/>
    public override string ToString() => Line is { } line ? $"{Place}:{line}" : Place;
}
