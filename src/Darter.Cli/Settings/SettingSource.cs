namespace Darter.Cli.Settings;

/// <summary>The sources of settings, the strongest first.</summary>
internal enum SettingSource
{
    /// <summary>The command line.</summary>
    Flag,

    /// <summary>A <c>DARTER_*</c> variable.</summary>
    Environment,

    /// <summary>What <c>darter dev</c> needs otherwise than production.</summary>
    Development,

    /// <summary>Gunicorn's flags in <c>GUNICORN_CMD_ARGS</c>.</summary>
    CommandArguments,

    /// <summary><c>darter.toml</c>, <c>pyproject.toml</c> or a Gunicorn configuration.</summary>
    File,

    /// <summary>Variables from which Gunicorn takes defaults: <c>PORT</c>, <c>WEB_CONCURRENCY</c>.</summary>
    DefaultEnvironment,

    /// <summary>None of these.</summary>
    Default,
}
