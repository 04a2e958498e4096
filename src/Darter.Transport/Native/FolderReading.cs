using System.Runtime.InteropServices;
using Darter.Transport.Files;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>Reading what is in a folder that is open, names as the bytes they are: .NET's enumeration takes a path, and makes text of names.</summary>
internal static unsafe class FolderReading
{
    // struct linux_dirent64: inode (8), offset (8), length of the record (2), type (1), name.
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    /// <summary>Reads at most <paramref name="most"/> entries, in the file system's order, without <c>.</c> and <c>..</c>.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static List<FolderEntry> Read(int descriptor, int most, out bool isComplete)
    {
        List<FolderEntry> entries = [];
        byte* buffer = (byte*)NativeMemory.Alloc(32 * 1024);
        try
        {
            while (true)
            {
                nint length = syscall_getdents64(SYS_getdents64, descriptor, buffer, 32 * 1024);
                if (length < 0)
                {
                    throw new IOException(Marshal.GetPInvokeErrorMessage(Errno));
                }

                if (length == 0)
                {
                    isComplete = true;
                    return entries;
                }

                for (byte* record = buffer; record < buffer + length; record += *(ushort*)(record + LengthOffset))
                {
                    ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(record + NameOffset);
                    if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                    {
                        continue;
                    }

                    if (entries.Count == most)
                    {
                        isComplete = false;
                        return entries;
                    }

                    statx_t status;
                    if (statx(descriptor, record + NameOffset, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status) == 0)
                    {
                        entries.Add(new FolderEntry(name.ToArray(), FileStatus.From(status)));
                    }
                }
            }
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }
}
