namespace Darter.Testing.Processes;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">What it wrote to stdout.</param>
/// <param name="Errors">What it wrote to stderr.</param>
public sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Both outputs, for messages.</summary>
    public string All => Output + Errors;
}
