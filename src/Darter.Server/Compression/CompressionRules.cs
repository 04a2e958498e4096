using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Compression;

/// <summary>Which answers are compressed, in which coding, and what that changes in their header sections. Any thread.</summary>
internal sealed class CompressionRules
{
    // A compressor has some hundred KiB, and an answer may last as long as its client likes.
    private const int MostAtATime = 256;

    // Fields with a sum of the bytes that are sent (RFC 9530, RFC 1864).
    private static readonly string[] s_digests = ["Content-Digest", "Repr-Digest", "Digest", "Content-MD5"];

    private readonly CompressionConfig _config;
    private readonly ContentCodings[] _codings;
    private readonly CompressibleTypes _types;
    private int _running;

    internal CompressionRules(CompressionConfig config)
    {
        _config = config;
        _codings = [.. config.Codings];
        _types = new CompressibleTypes(config.Types);
    }

    /// <summary>Chooses the coding of an answer, and says in Vary that it was chosen, whatever the outcome.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">The answer, whose header section is complete.</param>
    /// <param name="length">The bytes of its body; -1: not known.</param>
    internal ContentCodings Choose(IHttpRequestFeature request, IHttpResponseFeature response, long length)
    {
        IHeaderDictionary headers = response.Headers;
        if (!CanBeCompressed(response.StatusCode, headers, length))
        {
            return ContentCodings.None;
        }

        AddVary(headers);

        // HTTP/1.0 knows no framing for a body whose length shows at its end, but the end of the connection. For HEAD there is
        // nothing to compress, and without it no length to be told.
        return HttpMethods.IsHead(request.Method) || HttpProtocol.IsHttp10(request.Protocol)
            ? ContentCodings.None
            : Preferred(request.Headers.AcceptEncoding);
    }

    /// <summary>The coding that the client rates highest, and of several the one that the server prefers.</summary>
    internal ContentCodings Preferred(StringValues acceptEncoding) => Preferred(_codings, acceptEncoding);

    /// <inheritdoc cref="Preferred(StringValues)"/>
    internal static ContentCodings Preferred(CompressionConfig config, StringValues acceptEncoding) => Preferred([.. config.Codings], acceptEncoding);

    private static ContentCodings Preferred(ContentCodings[] codings, StringValues acceptEncoding)
    {
        ContentCodings available = ContentCodings.None;
        foreach (ContentCodings coding in codings)
        {
            available |= coding;
        }

        ContentCodings accepted = AcceptedCodings.Parse(acceptEncoding, available);
        foreach (ContentCodings coding in codings)
        {
            if ((accepted & coding) != 0)
            {
                return coding;
            }
        }

        return ContentCodings.None;
    }

    /// <summary>Says that the answer is compressed: its length is not known any more, and its tag is that of other bytes.</summary>
    internal static void Apply(IHeaderDictionary headers, ContentCodings coding)
    {
        headers.ContentEncoding = CodingNames.Of(coding);
        headers.ContentLength = null;
        headers.Remove("Accept-Ranges");
        if (headers.ETag is [{ } tag] && tag.StartsWith('"'))
        {
            // RFC 9110, section 8.8.1: another compressor may make other bytes of the same. The application knows its tag still,
            // since If-None-Match compares weakly.
            headers.ETag = $"W/{tag}";
        }
    }

    /// <summary>Takes a place among the answers that are compressed piece by piece; false: there is none.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= MostAtATime)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Gives the place back.</summary>
    internal void Leave() => Interlocked.Decrement(ref _running);

    /// <summary>Whether an answer is one to be compressed, for clients that take it.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="headers">Its header section, which is complete.</param>
    /// <param name="length">The bytes of its body; -1: not known.</param>
    internal bool CanBeCompressed(int status, IHeaderDictionary headers, long length)
    {
        if (length >= 0 && length < _config.LeastSize)
        {
            return false;
        }

        if (status is < 200 or StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status206PartialContent
                or StatusCodes.Status304NotModified
            || headers.ContentType is not [{ } type] || !_types.Matches(type)
            || headers.ContentEncoding.Count > 0
            || headers.ContentRange.Count > 0
            || headers.Trailer.Count > 0
            || ForbidsTransformation(headers.CacheControl))
        {
            return false;
        }

        foreach (string name in s_digests)
        {
            if (headers.ContainsKey(name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>RFC 9111, section 5.2.2.6.</summary>
    private static bool ForbidsTransformation(StringValues cacheControl)
    {
        foreach (string? value in cacheControl)
        {
            foreach (Range part in value.AsSpan().Split(','))
            {
                if (value.AsSpan(part).Trim(" \t").Equals("no-transform", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Says that the answer depends on what codings the client accepts.</summary>
    internal static void AddVary(IHeaderDictionary headers)
    {
        StringValues vary = headers.Vary;
        foreach (string? value in vary)
        {
            foreach (Range part in value.AsSpan().Split(','))
            {
                if (value.AsSpan(part).Trim(" \t") is var name && (name is "*" || name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase)))
                {
                    return;
                }
            }
        }

        headers.Vary = vary.Count == 0 ? "Accept-Encoding" : StringValues.Concat(vary, "Accept-Encoding");
    }
}
