using System.Buffers;
using System.IO.Pipelines;
using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>
/// Compressing the application's answers. What is short and whole is compressed where it comes, and keeps a length; all else
/// piece by piece, the long pieces away from the loop, which has other connections to serve.
/// </summary>
internal sealed partial class HttpStream
{
    // About a quarter of a millisecond.
    private const int MostEncodedOnLoop = 16 * 1024;

    // Of a body that comes in pieces; null: it is sent as it comes.
    private BodyEncoder? _encoder;

    // A whole body, compressed, in the memory that the application's streams share: it is written out at once.
    private bool _isEncodedWhole;

    private void PrepareCompression(AnswerCompression compression, scoped in ResponseHead head, bool end)
    {
        CompressionRules rules = compression.Rules;
        long length = _response.Headers.ContentLength ?? (end ? head.Body.Length : -1);
        ContentCodings coding = rules.Choose(_request, _response, length);
        if (coding == ContentCodings.None)
        {
            return;
        }

        if (end && head.Body.Length <= MostEncodedOnLoop)
        {
            ReadOnlySpan<byte> encoded = compression.Encode(coding, head.Body);
            if (encoded.Length < head.Body.Length)
            {
                CompressionRules.Apply(_response.Headers, coding);
                _response.Headers.ContentLength = encoded.Length;
                _isEncodedWhole = true;
            }
        }
        else if (rules.TryEnter())
        {
            CompressionRules.Apply(_response.Headers, coding);
            _encoder = BodyEncoder.Create(coding);
        }
    }

    /// <summary>Compresses the first part of what waits, which is one of bytes, away from the loop.</summary>
    private void EncodeFirstPart(BodyEncoder encoder)
    {
        ReadOnlySpan<byte> bytes = _parts.PeekBytes(WriteSize);
        byte[] copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(copy);
        _parts.Consume(bytes.Length);
        _writing = _flushed = true;
        _ = EncodeAsync(encoder, copy, bytes.Length, flushes: _parts.IsEmpty && !_ended);
    }

    private async Task EncodeAsync(BodyEncoder encoder, byte[] buffer, int length, bool flushes)
    {
        ValueTask<FlushResult> flush;
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            PipeWriter writer = _responseBody.Writer;
            encoder.Write(buffer.AsSpan(0, length), writer);
            if (flushes)
            {
                encoder.Flush(writer);
            }

            flush = writer.FlushAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            flush = ValueTask.FromException<FlushResult>(exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        await AwaitFlushAsync(flush).ConfigureAwait(false);
    }

    /// <summary>Has the compressor give what it keeps, if nothing waits that could come first.</summary>
    private void FlushEncoder(BodyEncoder encoder)
    {
        if (_parts.IsEmpty && !_ended)
        {
            encoder.Flush(_responseBody.Writer);
        }
    }

    /// <summary>All of the body was given to the compressor.</summary>
    private void FinishEncoder(BodyEncoder encoder)
    {
        encoder.Finish(_responseBody.Writer);
        _unflushed = true;
        ReleaseEncoder(encoder);
    }

    private void ReleaseEncoder(BodyEncoder encoder)
    {
        _responseBytes = encoder.Written;
        _encoder = null;
        encoder.Dispose();
        _application.Compression!.Rules.Leave();
    }
}
