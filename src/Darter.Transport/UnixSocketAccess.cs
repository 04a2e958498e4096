namespace Darter.Transport;

/// <summary>Who may connect to a Unix socket: whoever may write to its file.</summary>
/// <param name="Mode">The file's permissions; null: what the process's umask leaves.</param>
/// <param name="User">The file's owner; null: the process's.</param>
/// <param name="Group">The file's group; null: the process's.</param>
public sealed record UnixSocketAccess(UnixFileMode? Mode, uint? User = null, uint? Group = null);
