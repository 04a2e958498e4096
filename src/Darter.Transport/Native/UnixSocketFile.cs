using System.Net;
using System.Net.Sockets;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>The file a bound Unix socket is found by.</summary>
internal sealed unsafe class UnixSocketFile
{
    private readonly string _path;
    private readonly statx_t _identity;

    private UnixSocketFile(string path, statx_t identity)
    {
        _path = path;
        _identity = identity;
    }

    /// <summary>Removes the file of a process that is gone: nobody accepts on it. Any other file stays, and binding
    /// reports that the address is in use.</summary>
    internal static void RemoveStale(UnixDomainSocketEndPoint endPoint)
    {
        // A file that is no socket refuses connections too, but it is somebody's.
        if (PathOf(endPoint) is { } path && TryIdentify(path, out statx_t file) && (file.stx_mode & S_IFMT) == S_IFSOCK && IsRefused(endPoint))
        {
            _ = unlink(path);
        }
    }

    /// <summary>Remembers the file that binding created and sets its permissions; null for an abstract address.</summary>
    internal static UnixSocketFile? Created(UnixDomainSocketEndPoint endPoint, UnixFileMode? mode)
    {
        if (PathOf(endPoint) is not { } path || !TryIdentify(path, out statx_t identity))
        {
            return null;
        }

        if (mode is { } permissions)
        {
            _ = chmod(path, (uint)permissions);
        }

        return new UnixSocketFile(path, identity);
    }

    /// <summary>Sets permissions and owner. False: the kernel does not allow it; errno says why.</summary>
    internal bool TrySetAccess(UnixSocketAccess access) =>
        (access.Mode is not { } mode || chmod(_path, (uint)mode) == 0)
        && ((access.User ?? access.Group) is null || chown(_path, access.User ?? uint.MaxValue, access.Group ?? uint.MaxValue) == 0);

    /// <summary>Removes the file unless another process has put its own in its place.</summary>
    internal void Remove()
    {
        if (TryIdentify(_path, out statx_t now)
            && now.stx_ino == _identity.stx_ino
            && now.stx_dev_major == _identity.stx_dev_major
            && now.stx_dev_minor == _identity.stx_dev_minor)
        {
            _ = unlink(_path);
        }
    }

    private static bool IsRefused(UnixDomainSocketEndPoint endPoint)
    {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            return false;
        }

        SocketAddress address = endPoint.Serialize();
        bool refused;
        fixed (byte* bytes = address.Buffer.Span)
        {
            refused = connect(fd, bytes, (uint)address.Size) < 0 && Errno == ECONNREFUSED;
        }

        _ = close(fd);
        return refused;
    }

    private static bool TryIdentify(string path, out statx_t file)
    {
        fixed (statx_t* result = &file)
        {
            return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_INO, result) == 0;
        }
    }

    /// <summary>The path in the file system; null for an abstract address, which is shown with an at sign.</summary>
    private static string? PathOf(UnixDomainSocketEndPoint endPoint)
    {
        string path = endPoint.ToString();
        return path.StartsWith('@') ? null : path;
    }
}
