namespace Darter.Cli.Settings;

/// <summary>What a value is in the file it comes from. In the environment and on the command line everything is text.</summary>
internal enum SettingKind
{
    /// <summary>Python's None: as if it were not set.</summary>
    None,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A list.</summary>
    List,

    /// <summary>A mapping of names to values.</summary>
    Table,
}
