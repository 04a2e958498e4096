using Microsoft.AspNetCore.Http;

namespace Darter.Server.Files;

/// <summary>A file in a form: counts what is read, and tells a form that is cut off from a client that is.</summary>
internal sealed class FormFileStream(Stream inner) : Stream
{
    /// <summary>What the client is told.</summary>
    internal const string Malformed = "The form is cut off or malformed.\n";

    /// <summary>Whether this is what the reader of forms throws for one that is none; a connection has exceptions of its own.</summary>
    internal static bool IsMalformed(Exception exception) => exception is InvalidDataException || exception.GetType() == typeof(IOException);

    /// <summary>Bytes read so far.</summary>
    internal long Count { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            Count += read;
            return read;
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw new UploadException(StatusCodes.Status400BadRequest, Malformed);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The request is read asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
