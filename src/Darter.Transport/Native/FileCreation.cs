using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>
/// A file that gets its name when it is whole. Until then it has none (O_TMPFILE), so that nothing is left of it however this
/// process ends; a file system that cannot do that gets a hidden name, which is removed in any end but a kill.
/// </summary>
internal static unsafe class FileCreation
{
    private const uint ReadableAndWritable = 0x1B6; // rw-rw-rw-, less the umask

    /// <summary>Creates it in a folder that is open. Null: not possible, for the reason in <paramref name="errno"/>.</summary>
    internal static SafeFileHandle? Create(int folder, out byte[]? temporaryName, out int errno)
    {
        temporaryName = null;
        fixed (byte* here = ".\0"u8)
        {
            int fd = openat(folder, here, O_TMPFILE | O_WRONLY | O_CLOEXEC, ReadableAndWritable);
            errno = fd < 0 ? Errno : 0;
            if (fd < 0 && errno is EOPNOTSUPP or EISDIR or EINVAL or ENOSYS)
            {
                temporaryName = [.. Encoding.ASCII.GetBytes($".upload-{RandomNumberGenerator.GetHexString(16, lowercase: true)}"), 0];
                fixed (byte* name = temporaryName)
                {
                    fd = openat(folder, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, ReadableAndWritable);
                    errno = fd < 0 ? Errno : 0;
                }
            }

            if (fd < 0)
            {
                temporaryName = null;
                return null;
            }

            return new SafeFileHandle(fd, ownsHandle: true);
        }
    }

    /// <summary>Gives it its name, unless there is a file of that name. Returns 0 or errno.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="file">The file.</param>
    /// <param name="temporaryName">What <see cref="Create"/> said.</param>
    /// <param name="name">The name, ended by a zero.</param>
    internal static int Link(int folder, SafeFileHandle file, byte[]? temporaryName, ReadOnlySpan<byte> name)
    {
        byte[] path = temporaryName ?? [.. Encoding.ASCII.GetBytes($"/proc/self/fd/{file.DangerousGetHandle()}"), 0];
        fixed (byte* from = path)
        fixed (byte* to = name)
        {
            int result = linkat(temporaryName is null ? AT_FDCWD : folder, from, folder, to, temporaryName is null ? AT_SYMLINK_FOLLOW : 0);
            return result == 0 ? 0 : Errno;
        }
    }

    /// <summary>Removes the hidden name.</summary>
    internal static void Unlink(int folder, byte[] temporaryName)
    {
        fixed (byte* name = temporaryName)
        {
            _ = unlinkat(folder, name, 0);
        }
    }
}
