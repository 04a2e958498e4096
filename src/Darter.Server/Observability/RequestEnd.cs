namespace Darter.Server.Observability;

/// <summary>How a request ended.</summary>
internal enum RequestEnd : byte
{
    /// <summary>It was answered completely.</summary>
    Complete,

    /// <summary>The client left before that.</summary>
    ClientLeft,

    /// <summary>The server broke the connection or the stream off before that.</summary>
    BrokenOff,
}
