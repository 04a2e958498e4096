namespace Darter.Gateway.Asgi;

/// <summary>What a step of something that is awaited gave.</summary>
internal enum AwaitOutcome
{
    /// <summary>A Python error is set.</summary>
    Error = -1,

    /// <summary>It is done, with a value.</summary>
    Return = 0,

    /// <summary>It waits for the object it gave.</summary>
    Yield = 1,
}
