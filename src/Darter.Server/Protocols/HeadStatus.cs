namespace Darter.Server.Protocols;

/// <summary>What the beginning of a connection is.</summary>
internal enum HeadStatus
{
    /// <summary>The beginning of a head; more must come to know.</summary>
    NeedMore,

    /// <summary>A whole head.</summary>
    Complete,

    /// <summary>No head.</summary>
    Malformed,

    /// <summary>A head that asks for something that is not offered.</summary>
    Unsupported,
}
