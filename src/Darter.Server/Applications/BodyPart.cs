using Darter.Transport.Files;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>A part of a response body that waits for the client: bytes, or a region of a file.</summary>
internal sealed class BodyPart : IDisposable
{
    /// <summary>The bytes, when it is no file.</summary>
    internal OutgoingBuffer? Bytes { get; init; }

    /// <summary>The file.</summary>
    internal OpenedFile? File { get; init; }

    /// <summary>Where in the file the region begins.</summary>
    internal long Offset { get; init; }

    /// <summary>Length of the region in bytes.</summary>
    internal long Length { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Bytes?.Dispose();
        File?.Dispose();
    }
}
