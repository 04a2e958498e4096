using System.Runtime.InteropServices;

namespace Darter.Workers.Native;

/// <summary>Looks users and groups up as the C library does: in /etc/passwd and whatever else NSS is set up with.</summary>
internal static unsafe class AccountDatabase
{
    /// <summary>Entries are a line; those of directories with thousands of members are longer.</summary>
    private const int LargestEntry = 1024 * 1024;

    /// <summary>The user of this name: name, number, primary group and home; null when there is none.</summary>
    internal static (string Name, uint User, uint Group, string Home)? FindUser(string name) =>
        Find(FirstSize, (entry, buffer, size, result) => Libc.getpwnam_r(name, (Libc.passwd*)entry, buffer, size, (Libc.passwd**)result));

    /// <summary>The user of this number, or null.</summary>
    internal static (string Name, uint User, uint Group, string Home)? FindUser(uint number) =>
        Find(FirstSize, (entry, buffer, size, result) => Libc.getpwuid_r(number, (Libc.passwd*)entry, buffer, size, (Libc.passwd**)result));

    /// <summary>The number of the group of this name, or null.</summary>
    internal static uint? FindGroup(string name)
    {
        for (int size = FirstSize; size <= LargestEntry; size *= 4)
        {
            byte* buffer = (byte*)NativeMemory.Alloc((nuint)size);
            try
            {
                Libc.group entry;
                Libc.group* result;
                int error = Libc.getgrnam_r(name, &entry, buffer, (nuint)size, &result);
                if (error != Libc.ERANGE)
                {
                    return error == 0 && result is not null ? entry.gr_gid : null;
                }
            }
            finally
            {
                NativeMemory.Free(buffer);
            }
        }

        return null;
    }

    /// <summary>All groups of the user of this name, <paramref name="group"/> among them.</summary>
    internal static uint[] GroupsOf(string name, uint group)
    {
        int count = 64;
        while (true)
        {
            uint[] groups = new uint[count];
            int wanted = count;
            fixed (uint* list = groups)
            {
                if (Libc.getgrouplist(name, group, list, &wanted) >= 0)
                {
                    return groups[..wanted];
                }
            }

            count = Math.Max(count * 2, wanted);
        }
    }

    private const int FirstSize = 4096;

    private delegate int Lookup(void* entry, byte* buffer, nuint size, void** result);

    private static (string Name, uint User, uint Group, string Home)? Find(int first, Lookup lookup)
    {
        for (int size = first; size <= LargestEntry; size *= 4)
        {
            byte* buffer = (byte*)NativeMemory.Alloc((nuint)size);
            try
            {
                Libc.passwd entry;
                void* result;
                int error = lookup(&entry, buffer, (nuint)size, &result);
                if (error != Libc.ERANGE)
                {
                    return error == 0 && result is not null
                        ? (Marshal.PtrToStringUTF8((nint)entry.pw_name) ?? "", entry.pw_uid, entry.pw_gid, Marshal.PtrToStringUTF8((nint)entry.pw_dir) ?? "")
                        : null;
                }
            }
            finally
            {
                NativeMemory.Free(buffer);
            }
        }

        return null;
    }
}
