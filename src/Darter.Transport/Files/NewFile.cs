using System.Runtime.InteropServices;
using Darter.Transport.Native;
using Microsoft.Win32.SafeHandles;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Files;

/// <summary>A file that is being written and appears in its folder when it is whole. Disposed before that, it never was there.</summary>
public sealed class NewFile : IDisposable
{
    private readonly OpenedFile _folder;
    private readonly SafeFileHandle _file;
    private readonly byte[]? _temporaryName;

    private NewFile(OpenedFile folder, SafeFileHandle file, byte[]? temporaryName)
    {
        _folder = folder;
        _file = file;
        _temporaryName = temporaryName;
    }

    /// <summary>Creates it in a folder, which has to stay open.</summary>
    /// <exception cref="IOException">That is not possible; the message says why.</exception>
    public static NewFile Create(OpenedFile folder) => FileCreation.Create(folder.Descriptor, out byte[]? temporaryName, out int errno) is { } file
        ? new NewFile(folder, file, temporaryName)
        : throw new IOException(Marshal.GetPInvokeErrorMessage(errno));

    /// <summary>Writes bytes at its end.</summary>
    /// <exception cref="IOException">That is not possible, since the disk is full, for example.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        FileWriting.WriteAll(_file, bytes, out int errno);
        if (errno != 0)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(errno));
        }
    }

    /// <summary>Gives it its name. False: there is a file of that name, which stays.</summary>
    /// <param name="name">The name, without slashes, ended by a zero.</param>
    /// <exception cref="IOException">That is not possible; the message says why.</exception>
    public bool TryPublish(ReadOnlySpan<byte> name)
    {
        int errno = FileCreation.Link(_folder.Descriptor, _file, _temporaryName, name);
        return errno is 0 or EEXIST ? errno == 0 : throw new IOException(Marshal.GetPInvokeErrorMessage(errno));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_file.IsClosed && _temporaryName is not null)
        {
            FileCreation.Unlink(_folder.Descriptor, _temporaryName);
        }

        _file.Dispose();
    }
}
