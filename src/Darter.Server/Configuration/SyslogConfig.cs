namespace Darter.Server.Configuration;

/// <summary>Logs sent to a syslog server; names and defaults are Gunicorn's.</summary>
public sealed record SyslogConfig
{
    /// <summary>The names of facilities, with their numbers (RFC 5424, section 6.2.1).</summary>
    public static readonly IReadOnlyDictionary<string, int> Facilities = new Dictionary<string, int>
    {
        ["kern"] = 0,
        ["user"] = 1,
        ["mail"] = 2,
        ["daemon"] = 3,
        ["auth"] = 4,
        ["syslog"] = 5,
        ["lpr"] = 6,
        ["news"] = 7,
        ["uucp"] = 8,
        ["cron"] = 9,
        ["authpriv"] = 10,
        ["ftp"] = 11,
        ["local0"] = 16,
        ["local1"] = 17,
        ["local2"] = 18,
        ["local3"] = 19,
        ["local4"] = 20,
        ["local5"] = 21,
        ["local6"] = 22,
        ["local7"] = 23,
    };

    /// <summary>Where the server listens.</summary>
    public required SyslogAddress Address { get; init; }

    /// <summary>What stands behind <c>darter.</c> in the name of the program.</summary>
    public required string Prefix { get; init; }

    /// <summary>Number of the facility. Default: user.</summary>
    public int Facility { get; init; } = 1;

    /// <summary>Whether the access log is sent too. Default: true.</summary>
    public bool Access { get; init; } = true;
}
