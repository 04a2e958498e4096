namespace Darter.Gateway.Runtime;

/// <summary>What an attempt to receive from the front gave.</summary>
internal enum ReceiveOutcome
{
    /// <summary>Bytes.</summary>
    Data,

    /// <summary>Nothing is there now.</summary>
    Nothing,

    /// <summary>The front has closed its end, or reading was ended by <see cref="Channel.Stop"/>.</summary>
    Closed,

    /// <summary>A signal's handler raised: a Python error is set.</summary>
    Interrupted,
}
