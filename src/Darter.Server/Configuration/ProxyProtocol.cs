namespace Darter.Server.Configuration;

/// <summary>Which versions of the PROXY protocol a trusted peer may begin a connection with.</summary>
public enum ProxyProtocol
{
    /// <summary>None.</summary>
    Off,

    /// <summary>Version 1, a line of text.</summary>
    V1,

    /// <summary>Version 2, binary.</summary>
    V2,

    /// <summary>Either.</summary>
    Auto,
}
