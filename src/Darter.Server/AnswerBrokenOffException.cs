namespace Darter.Server;

/// <summary>An answer that had begun cannot be finished, which is in the log already; the client must not take it for complete.</summary>
internal sealed class AnswerBrokenOffException : Exception
{
    internal AnswerBrokenOffException()
        : base("The answer is broken off.")
    {
    }
}
