namespace Darter.Cli.Settings.Files;

/// <summary>Formats of configuration files.</summary>
internal enum ConfigFileKind
{
    /// <summary><c>darter.toml</c>: the settings are its keys.</summary>
    Toml,

    /// <summary><c>pyproject.toml</c>: they are those of <c>[tool.darter]</c>.</summary>
    PyProject,

    /// <summary>Gunicorn's: a program in Python whose variables are the settings.</summary>
    Python,
}
