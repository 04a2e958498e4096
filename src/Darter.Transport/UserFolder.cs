using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>Folders that nobody but this process's user may enter, for sockets.</summary>
public static class UserFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The effective user id of this process.</summary>
    public static uint UserId => PrivateFolder.UserId;

    /// <summary>Creates the folder, mode 0700, if it is not there.</summary>
    /// <exception cref="IOException">
    /// It cannot be created; or what is there is a symbolic link, or somebody else's, or open to others: in a folder such as
    /// <c>/tmp</c> anybody could have put it there.
    /// </exception>
    public static void Ensure(string path)
    {
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }

        if (PrivateFolder.Objection(path) is { } objection)
        {
            throw new IOException($"the folder '{path}' cannot be used: {objection}");
        }
    }

    /// <summary>Creates the folder, mode 0711, if it is not there: others may open what they know the name of, and change nothing.</summary>
    /// <exception cref="IOException">It cannot be created; or what is there is a symbolic link, or somebody else's, or one that others may write to.</exception>
    public static void EnsurePassable(string path)
    {
        const UnixFileMode Passable = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        try
        {
            Directory.CreateDirectory(path, Passable);
            if (PrivateFolder.Objection(path, PrivateFolder.Writing) is { } objection)
            {
                throw new IOException($"the folder '{path}' cannot be used: {objection}");
            }

            // Whatever the umask left of it.
            File.SetUnixFileMode(path, Passable);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>Whether the folder is there, and this user's alone.</summary>
    public static bool IsPrivate(string path) => PrivateFolder.Objection(path) is null;
}
