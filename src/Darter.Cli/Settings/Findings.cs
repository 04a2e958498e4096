namespace Darter.Cli.Settings;

/// <summary>What there is to say about the settings, gathered from all their sources.</summary>
internal sealed class Findings
{
    private readonly List<string> _errors = [];
    private readonly List<string> _notices = [];

    /// <summary>What is wrong, a message each.</summary>
    internal IReadOnlyList<string> Errors => _errors;

    /// <summary>What works otherwise than somebody might expect, a message each.</summary>
    internal IReadOnlyList<string> Notices => _notices;

    internal void Error(string message)
    {
        if (!_errors.Contains(message))
        {
            _errors.Add(message);
        }
    }

    internal void Notice(string message)
    {
        if (!_notices.Contains(message))
        {
            _notices.Add(message);
        }
    }
}
