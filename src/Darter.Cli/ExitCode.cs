namespace Darter.Cli;

/// <summary>Exit statuses of every command.</summary>
internal static class ExitCode
{
    /// <summary>It did what it was asked to do.</summary>
    internal const int Success = 0;

    /// <summary>The command line or the configuration is wrong; an address in use counts as that.</summary>
    internal const int Configuration = 1;

    /// <summary>The application did not load, as Gunicorn's.</summary>
    internal const int Application = 3;
}
