using System.Buffers;
using Darter.Server.Development;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Applications;

/// <summary>Development: pages get a script that fetches them again when the application has changed.</summary>
internal sealed partial class HttpStream
{
    private byte[]? _liveTag;

    /// <summary>A page must come as it is for something to be put at its end; between two processes of one machine nothing is gained by compressing it.</summary>
    private void PrepareLiveReload()
    {
        _liveTag = null;
        if (_application.LiveReload is not null && LiveReload.IsPage(_request))
        {
            _request.Headers.Remove("Accept-Encoding");
        }
    }

    /// <summary>Makes room for the script, if the response is a page; its header section is complete.</summary>
    private void AnnounceLiveTag(LiveReload live)
    {
        IHeaderDictionary headers = _response.Headers;
        bool isPage = headers.ContentType is [{ } type]
            && type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase)
            && headers.ContentEncoding.Count == 0
            && headers.Trailer.Count == 0
            && _status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status206PartialContent or StatusCodes.Status304NotModified)
            && !HttpMethods.IsHead(_request.Method)
            && LiveReload.IsPage(_request);
        if (!isPage)
        {
            return;
        }

        _liveTag = live.Tag;
        if (headers.ContentLength is { } length)
        {
            headers.ContentLength = length + _liveTag.Length;
        }
    }

    private void WriteLiveTag(byte[] tag)
    {
        _liveTag = null;
        _responseBytes += tag.Length;
        _responseBody.Writer.Write(tag);
        _unflushed = true;
    }
}
