namespace Darter.Server.WebSockets;

/// <summary>Close codes of WebSockets: RFC 6455, section 7.4, and the registry it began.</summary>
internal static class CloseCode
{
    internal const ushort Normal = 1000;
    internal const ushort GoingAway = 1001;
    internal const ushort ProtocolError = 1002;

    /// <summary>Never sent: the close frame had no code.</summary>
    internal const ushort None = 1005;

    /// <summary>Never sent: there was no close frame.</summary>
    internal const ushort Abnormal = 1006;

    internal const ushort InvalidData = 1007;
    internal const ushort TooBig = 1009;
    internal const ushort InternalError = 1011;
    internal const ushort ServiceRestart = 1012;
    internal const ushort TryAgainLater = 1013;

    /// <summary>Whether a close frame may have the code.</summary>
    internal static bool IsAllowed(ushort code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
