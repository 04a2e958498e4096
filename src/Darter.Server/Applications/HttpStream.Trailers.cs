using System.Buffers;
using System.Text;
using Darter.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Applications;

/// <summary>
/// The trailer section of a response: over HTTP/2 always, over HTTP/1.1 to clients that accept it, which then get chunks
/// that are framed here.
/// </summary>
internal sealed partial class HttpStream
{
    private bool _framesChunks;
    private byte[] _trailerSection = [];

    /// <inheritdoc/>
    protected override void OnTrailers(HeaderBlock trailers)
    {
        if (_framesChunks)
        {
            _trailerSection = ChunkedFraming.SectionOf(trailers);
        }
        else if (_responsePhase == ResponsePhase.Sending && _namedFile is null && _features.Get<IHttpResponseTrailersFeature>() is { } feature)
        {
            foreach (HeaderBlock.Field field in trailers)
            {
                if (ChunkedFraming.IsAllowed(field))
                {
                    string name = Encoding.Latin1.GetString(field.Name);
                    feature.Trailers[name] = StringValues.Concat(feature.Trailers[name], Encoding.Latin1.GetString(field.Value));
                }
            }
        }
    }

    /// <summary>The response's head announces trailers.</summary>
    private void PrepareTrailers(scoped in ResponseHead head)
    {
        IHeaderDictionary headers = _response.Headers;
        if (StringValues.IsNullOrEmpty(headers.Trailer))
        {
            // The names are not known yet.
            headers.Remove("Trailer");
        }

        if (IsHttp1)
        {
            _framesChunks = _request.Protocol == "HTTP/1.1"
                && head.ContentLength < 0
                && head.Status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
                && !HttpMethods.IsHead(_request.Method)
                && AcceptsTrailers(_request.Headers.TE);
            if (_framesChunks)
            {
                _trailerSection = [];
                headers.TransferEncoding = "chunked";
            }
            else
            {
                headers.Remove("Trailer");
            }
        }
    }

    /// <summary>Gives a part of the body to the HTTP server.</summary>
    private void WriteBody(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        _responseBytes += bytes.Length;
        if (_encoder is { } encoder)
        {
            encoder.Write(bytes, _responseBody.Writer);
        }
        else if (!_framesChunks)
        {
            _responseBody.Writer.Write(bytes);
        }
        else
        {
            ChunkedFraming.WriteStart(_responseBody.Writer, bytes.Length);
            _responseBody.Writer.Write(bytes);
            ChunkedFraming.WriteEnd(_responseBody.Writer);
        }
    }

    /// <summary>All of the body was given to the HTTP server.</summary>
    private void CompleteBody()
    {
        if (_pageTag is { } tag && !_completed)
        {
            WritePageTag(tag);
        }

        if (_encoder is { } encoder && !_completed)
        {
            FinishEncoder(encoder);
        }

        if (_framesChunks && !_completed)
        {
            ChunkedFraming.WriteLast(_responseBody.Writer, _trailerSection);
            _framesChunks = false;
            _unflushed = true;
        }

        // At the end the HTTP server flushes a response of HTTP/1 only if that has never been done.
        if (_unflushed && _flushed && IsHttp1 && !_completed)
        {
            Flush();
            if (_writing)
            {
                return;
            }
        }

        Complete();
    }

    private static bool AcceptsTrailers(StringValues te)
    {
        foreach (string? value in te)
        {
            foreach (Range range in value.AsSpan().Split(','))
            {
                if (value.AsSpan(range).Trim(" \t").Equals("trailers", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
