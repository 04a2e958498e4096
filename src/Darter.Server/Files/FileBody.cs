using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Files;

/// <summary>Sends a file as the body of a response: whole, in parts, or compressed on the way.</summary>
internal sealed class FileBody
{
    /// <summary>Above that many bytes nobody wants to wait for the compressor; large files that are served often should have a compressed one beside them.</summary>
    internal const long MostToCompress = 16 * 1024 * 1024;

    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly BodyWriter _body;
    private readonly bool _isHead;

    /// <param name="features">The request and its response.</param>
    /// <param name="body">Writes the body.</param>
    internal FileBody(IFeatureCollection features, BodyWriter body)
    {
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _body = body;
        _isHead = HttpMethods.IsHead(_request.Method);
    }

    /// <summary>Sends the whole file.</summary>
    internal async Task SendWholeAsync(OpenedFile file)
    {
        long length = file.Status.Length;
        _response.Headers.ContentLength = length;
        if (!_isHead && length > 0)
        {
            await _body.WriteAsync(file, 0, length).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Sends the file, or the ranges of it that the request asks for. False: there are none of these, and the answer is to be
    /// 416; Content-Range says the length.
    /// </summary>
    internal async Task<bool> SendRangesAsync(OpenedFile file, Validators validators, string type)
    {
        long length = file.Status.Length;
        IReadOnlyList<ByteRange>? ranges = null;
        if (_request.Headers.Range is { Count: > 0 } field && !_isHead && Preconditions.AllowsRange(_request.Headers, validators))
        {
            ranges = ByteRanges.Parse(field, length);
        }

        switch (ranges)
        {
            case null:
                await SendWholeAsync(file).ConfigureAwait(false);
                break;
            case []:
                _response.Headers.ContentRange = $"bytes */{length}";
                return false;
            case [var range]:
                _response.StatusCode = StatusCodes.Status206PartialContent;
                _response.Headers.ContentRange = range.ToContentRange(length);
                _response.Headers.ContentLength = range.Length;
                await _body.WriteAsync(file, range.Offset, range.Length).ConfigureAwait(false);
                break;
            default:
                _response.StatusCode = StatusCodes.Status206PartialContent;
                MultipartRanges parts = new(ranges, length, type);
                _response.Headers.ContentType = parts.ContentType;
                _response.Headers.ContentLength = parts.ContentLength;
                await parts.SendAsync(_body, file).ConfigureAwait(false);
                break;
        }

        return true;
    }

    /// <summary>Compresses a file while it is sent, away from the loop.</summary>
    internal async Task SendCompressedAsync(OpenedFile file, ContentCodings coding)
    {
        _response.Headers.ContentEncoding = CodingNames.Of(coding);
        if (_isHead)
        {
            return;
        }

        using BodyEncoder encoder = BodyEncoder.Create(coding);
        if (await _body.EncodeAsync(encoder, file, 0, file.Status.Length).ConfigureAwait(false))
        {
            await _body.FinishAsync(encoder).ConfigureAwait(false);
        }
    }
}
