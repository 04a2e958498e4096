using Darter.Transport.Files;

namespace Darter.Transport;

/// <summary>A region of a file that is to be sent. It keeps the file open until it is disposed.</summary>
internal sealed class FileRegion : IDisposable
{
    private readonly OpenedFile _file;

    internal FileRegion(OpenedFile file, long offset, int length)
    {
        file.Hold();
        _file = file;
        Offset = offset;
        Left = length;
    }

    /// <summary>The file's descriptor.</summary>
    internal int Descriptor => _file.Descriptor;

    /// <summary>Where what is left begins.</summary>
    internal long Offset { get; private set; }

    /// <summary>Bytes that were not sent yet.</summary>
    internal int Left { get; private set; }

    /// <summary>Whether the writer has counted the region as written.</summary>
    internal bool IsWritten { get; set; }

    /// <summary>Notes that the next bytes were sent.</summary>
    internal void Advance(int sent)
    {
        Offset += sent;
        Left -= sent;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Release();
}
