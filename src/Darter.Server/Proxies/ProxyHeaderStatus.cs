namespace Darter.Server.Proxies;

/// <summary>What the first bytes of a connection are.</summary>
internal enum ProxyHeaderStatus : byte
{
    /// <summary>No header of the PROXY protocol.</summary>
    None,

    /// <summary>The beginning of one, or too little to tell.</summary>
    NeedMore,

    /// <summary>A complete one.</summary>
    Complete,

    /// <summary>One that breaks the rules.</summary>
    Malformed,
}
