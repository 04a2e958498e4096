using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>The kernel's side of <see cref="UserFolder"/>.</summary>
internal static unsafe class PrivateFolder
{
    /// <summary>All permissions of group and others.</summary>
    internal const uint AnyAccess = 0x3F;

    /// <summary>Those of them to write.</summary>
    internal const uint Writing = 0x12;

    /// <summary>The effective user id of this process.</summary>
    internal static uint UserId => geteuid();

    /// <summary>What keeps the folder from being this user's alone; null if nothing does.</summary>
    internal static string? Objection(string path) => Objection(path, AnyAccess);

    /// <summary>What keeps the folder from being this user's, with none of these permissions for others; null if nothing does.</summary>
    internal static string? Objection(string path, uint permissions)
    {
        statx_t file;
        if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MODE | STATX_UID, &file) != 0)
        {
            return System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(Errno);
        }

        return (file.stx_mode & S_IFMT) != S_IFDIR ? "it is not a folder"
            : file.stx_uid != UserId ? $"it belongs to another user (uid {file.stx_uid})"
            : (file.stx_mode & permissions) != 0 ? "other users have access to it"
            : null;
    }
}
