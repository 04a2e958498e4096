using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Applications;

/// <summary>Development: something is put at the end of pages.</summary>
internal sealed partial class HttpStream
{
    private byte[]? _pageTag;

    /// <summary>A page must come as it is for something to be put at its end; between two processes of one machine nothing is gained by compressing it.</summary>
    private void PreparePage()
    {
        _pageTag = null;
        if (_application.PageExtension is { } extension && extension.AsksForPage(_request))
        {
            _request.Headers.Remove("Accept-Encoding");
        }
    }

    /// <summary>Makes room for the tag, if the response is a page; its header section is complete.</summary>
    private void AnnouncePageTag(IPageExtension extension)
    {
        IHeaderDictionary headers = _response.Headers;
        bool isPage = headers.ContentType is [{ } type]
            && type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase)
            && headers.ContentEncoding.Count == 0
            && headers.Trailer.Count == 0
            && _status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status206PartialContent or StatusCodes.Status304NotModified)
            && !HttpMethods.IsHead(_request.Method)
            && extension.AsksForPage(_request);
        if (!isPage)
        {
            return;
        }

        _pageTag = extension.Tag;
        if (headers.ContentLength is { } length)
        {
            headers.ContentLength = length + _pageTag.Length;
        }
    }

    private void WritePageTag(byte[] tag)
    {
        _pageTag = null;
        _responseBytes += tag.Length;
        _responseBody.Writer.Write(tag);
        _unflushed = true;
    }
}
