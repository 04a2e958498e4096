namespace Darter.Server.Tls.Acme;

/// <summary>An authority refuses something, cannot be reached, or says what makes no sense; the message is for the operator.</summary>
internal sealed class AcmeException : Exception
{
    private const string Prefix = "urn:ietf:params:acme:error:";

    internal AcmeException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <param name="problem">What the authority says.</param>
    /// <param name="retryAfter">When it wants to be asked again at the earliest; null: it does not say.</param>
    internal AcmeException(AcmeProblem problem, TimeSpan? retryAfter)
        : base(Describe(problem))
    {
        Kind = KindOf(problem);
        RetryAfter = retryAfter;
    }

    /// <summary>The kind of problem (RFC 8555, section 6.7), such as <c>rateLimited</c>; empty: another.</summary>
    internal string Kind { get; } = "";

    /// <summary>How long the authority wants to be left alone; null: it does not say.</summary>
    internal TimeSpan? RetryAfter { get; }

    /// <summary>The kind of a problem, empty if it is none of ACME's.</summary>
    internal static string KindOf(AcmeProblem problem) =>
        problem.Type?.StartsWith(Prefix, StringComparison.Ordinal) == true ? problem.Type[Prefix.Length..] : "";

    private static string Describe(AcmeProblem problem)
    {
        IEnumerable<string?> details = [problem.Detail, .. (problem.Subproblems ?? []).Select(part => part?.Detail)];
        string text = string.Join("; ", details.Where(detail => !string.IsNullOrWhiteSpace(detail)));
        return OneLine($"{text} ({(KindOf(problem) is { Length: > 0 } kind ? kind : problem.Type ?? "no reason is given")})".TrimStart());
    }

    // The text comes from elsewhere and goes into a log.
    private static string OneLine(string text)
    {
        const int Longest = 1000;
        string line = string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
        return line.Length <= Longest ? line : $"{line[..Longest]}...";
    }
}
