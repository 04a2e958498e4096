using Darter.Server.Configuration;
using Darter.Transport.Files;

namespace Darter.Server.Files;

/// <summary>A representation of a file that is to be sent: its own bytes, a compressed file beside it, or compressed on the way.</summary>
internal sealed class Variant : IDisposable
{
    private readonly bool _ownsFile;
    private readonly SemaphoreSlim? _compressors;

    private Variant(OpenedFile file, ContentCodings coding, bool ownsFile, SemaphoreSlim? compressors)
    {
        File = file;
        Coding = coding;
        _ownsFile = ownsFile;
        _compressors = compressors;
    }

    /// <summary>The file whose bytes are read.</summary>
    internal OpenedFile File { get; }

    /// <summary>The coding in which they are sent.</summary>
    internal ContentCodings Coding { get; }

    /// <summary>Whether they are compressed while they are sent.</summary>
    internal bool IsCompressedOnTheFly => _compressors is not null;

    /// <summary>The file's own bytes.</summary>
    internal static Variant Identity(OpenedFile file) => new(file, ContentCodings.None, ownsFile: false, null);

    /// <summary>A compressed file beside it, which is closed with the variant.</summary>
    internal static Variant Sibling(OpenedFile sibling, ContentCodings coding) => new(sibling, coding, ownsFile: true, null);

    /// <summary>The file's bytes compressed on the way; one of <paramref name="compressors"/> is taken until the variant is disposed.</summary>
    internal static Variant OnTheFly(OpenedFile file, ContentCodings coding, SemaphoreSlim compressors) => new(file, coding, ownsFile: false, compressors);

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressors?.Release();
        if (_ownsFile)
        {
            File.Dispose();
        }
    }
}
