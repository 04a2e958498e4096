namespace Darter.Server.Tls;

/// <summary>How far the beginning of a connection could be read as a ClientHello.</summary>
internal enum ClientHelloReading
{
    /// <summary>More must come.</summary>
    Incomplete,

    /// <summary>It is there.</summary>
    Complete,

    /// <summary>It is none, or one that nobody sends: what to say to it is the handshake's affair.</summary>
    Unusable,
}
