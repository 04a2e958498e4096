namespace Darter.Transport;

/// <summary>The process at the other end of a Unix socket, as it was when it connected.</summary>
/// <param name="ProcessId">Its process id.</param>
/// <param name="UserId">Its effective user id.</param>
public readonly record struct PeerCredentials(int ProcessId, uint UserId);
