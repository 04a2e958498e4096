namespace Darter.Server.Applications;

/// <summary>How far a response has come.</summary>
internal enum ResponsePhase : byte
{
    /// <summary>No head yet.</summary>
    Waiting,

    /// <summary>The head was given to the HTTP server.</summary>
    Sending,

    /// <summary>Over.</summary>
    Done,
}
