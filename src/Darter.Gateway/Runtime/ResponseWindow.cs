namespace Darter.Gateway.Runtime;

/// <summary>How the window of a response is filled.</summary>
internal static class ResponseWindow
{
    /// <summary>
    /// The window is not filled up in smaller pieces than this, in bytes, unless that is all: grants in small pieces would
    /// make the pieces sent ever smaller (the silly window of RFC 813).
    /// </summary>
    public const int SmallestPiece = 16 * 1024;
}
