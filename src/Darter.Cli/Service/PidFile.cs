using System.ComponentModel;
using Darter.Workers.Service;

namespace Darter.Cli.Service;

/// <summary>
/// The file with the front's process id. The front keeps a lock on it, by which another one sees that it runs; a number alone
/// would not tell, since it may be another process's by then.
/// </summary>
internal sealed class PidFile : IDisposable
{
    private readonly string _path;
    private readonly LockedFile _file;
    private bool _isOwned;

    private PidFile(string path, LockedFile file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>The descriptor, for the next front.</summary>
    internal int Descriptor => _file.Descriptor;

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="handed">Descriptor of the file of the front before this one, which keeps its number in it for now.</param>
    /// <exception cref="IOException">It cannot be written, or the front that wrote it runs.</exception>
    internal static PidFile Create(string path, int? handed)
    {
        if (handed is { } descriptor)
        {
            LockedFile known = LockedFile.Adopt(descriptor);
            if (known.IsAt(path))
            {
                return new PidFile(path, known);
            }

            known.Dispose();
        }

        try
        {
            LockedFile file = LockedFile.TryOpen(path)
                ?? throw new IOException($"a server with process id {File.ReadAllText(path).Trim()} runs with it");
            PidFile created = new(path, file) { _isOwned = true };
            created.Write(Environment.ProcessId);
            return created;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"--pid {path}: {exception.Message}", exception);
        }
    }

    /// <summary>The front that handed the file has given way, and written this one's number into it.</summary>
    internal void Own() => _isOwned = true;

    /// <summary>Gives the file to the user that the front becomes, who has to change it.</summary>
    internal void Give(uint user, uint group)
    {
        try
        {
            _file.Give(user, group);
        }
        catch (Win32Exception)
        {
            // A file system without owners; writing goes on with the descriptor.
        }
    }

    /// <summary>Puts the number of the front that takes over into the file, and leaves it to that one.</summary>
    internal void HandOver(int processId)
    {
        _isOwned = false;
        Write(processId);
    }

    /// <summary>Removes the file, or empties it where only its content is this user's.</summary>
    public void Dispose()
    {
        if (_isOwned)
        {
            Remove();
        }

        _file.Dispose();
    }

    private void Remove()
    {
        try
        {
            // Emptied first: this user may have no right to the folder any more.
            _file.Write("");
            if (_file.IsAt(_path))
            {
                File.Delete(_path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The lock is gone all the same, and with it the claim that the server runs.
        }
    }

    private void Write(int processId) => _file.Write($"{processId}\n");
}
