namespace Darter.Cli.Settings.Gunicorn;

/// <summary>What a flag of Gunicorn is followed by.</summary>
internal enum GunicornValue
{
    /// <summary>One value.</summary>
    One,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>A value or nothing.</summary>
    Optional,
}
