using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>The sockets of this process, those that libraries have opened included.</summary>
public static class OpenSockets
{
    private const string Folder = "/proc/self/fd";

    // Standard streams may be sockets, and are meant for whoever is started.
    private const int FirstOwn = 3;

    /// <summary>
    /// Keeps all of them from processes that are started: a library that does not care for it would have each worker hold its
    /// addresses, longer than this process does.
    /// </summary>
    public static void CloseOnExec()
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(Folder))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), out int descriptor) && descriptor >= FirstOwn
                && FileDescriptor.IsSocket(descriptor))
            {
                FileDescriptor.CloseOnExec(descriptor);
            }
        }
    }
}
