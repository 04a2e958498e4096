namespace Darter.Cli.Settings.Gunicorn;

/// <summary>What becomes of a setting of Gunicorn.</summary>
internal enum GunicornTreatment
{
    /// <summary>An option of Darter has its meaning.</summary>
    Same,

    /// <summary>Other options are set instead, and one notice says so.</summary>
    Mapped,

    /// <summary>Darter has no use for it; one notice says why.</summary>
    NoEffect,

    /// <summary>It asks for something that Darter does not do; the server does not start.</summary>
    Refused,

    /// <summary>A function that is called.</summary>
    Hook,
}
