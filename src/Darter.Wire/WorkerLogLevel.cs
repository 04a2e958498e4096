namespace Darter.Wire;

/// <summary>Severity of a <see cref="FrameType.Log"/> line: the first byte of its payload; the text in UTF-8 follows.</summary>
public enum WorkerLogLevel : byte
{
    /// <summary>For information.</summary>
    Information = 1,

    /// <summary>Something the operator should look at.</summary>
    Warning = 2,

    /// <summary>A request or the worker failed.</summary>
    Error = 3,
}
