namespace Darter.Server.Configuration;

/// <summary>Where a server is controlled from.</summary>
public sealed record ControlConfig
{
    /// <summary>Path of the socket; null: one named by the process id, in a folder of the user's.</summary>
    public string? Path { get; init; }

    /// <summary>Permissions of the socket. Default 0600, as Gunicorn.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Whether others than the server's own user and root may connect, as the permissions say. With the default ones they
    /// are refused even if the socket's permissions are changed later.
    /// </summary>
    internal bool AllowsOthers => (Mode & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) != 0;
}
