using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>A stored answer as the answer to a request: the whole, a part, or that the client has it.</summary>
internal readonly struct StoredResponse
{
    // As much as is given to the HTTP server without looking whether the client takes it.
    private const int SmallBody = 64 * 1024;

    private readonly CachedAnswer _answer;
    private readonly long _offset;
    private readonly long _length;

    private StoredResponse(CachedAnswer answer, long offset, long length)
    {
        _answer = answer;
        _offset = offset;
        _length = length;
    }

    /// <summary>Writes the head; nothing is sent yet.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="conditions">What the client wants of it.</param>
    /// <param name="response">The response, without fields.</param>
    /// <param name="age">The age as text.</param>
    /// <param name="status">This cache's part of Cache-Status.</param>
    internal static StoredResponse Begin(CachedAnswer answer, in RequestConditions conditions, IHttpResponseFeature response, StringValues age, StringValues status)
    {
        IHeaderDictionary headers = response.Headers;
        bool isWhole = answer.Status != StatusCodes.Status200OK;
        ByteRange? part = null;
        bool isUnsatisfiable = false;
        if (!isWhole && conditions.AsksForChange && conditions.Has(answer))
        {
            Describe(answer, headers, isNotModified: true, age, status);
            response.StatusCode = StatusCodes.Status304NotModified;
            return default;
        }

        if (!isWhole && conditions.AsksForRange)
        {
            part = conditions.RangeOf(answer, out isUnsatisfiable);
        }

        if (isUnsatisfiable)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{answer.Length}");
            headers.ContentLength = 0;
            headers["Cache-Status"] = status;
            return default;
        }

        Describe(answer, headers, isNotModified: false, age, status);
        response.StatusCode = answer.Status;
        response.ReasonPhrase = answer.Reason;
        if (part is { } range)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.ReasonPhrase = null;
            headers.ContentRange = range.ToContentRange(answer.Length);
            headers.ContentLength = range.Length;
            return new StoredResponse(answer, range.Offset, range.Length);
        }

        if (answer.Status != StatusCodes.Status204NoContent)
        {
            headers.ContentLength = answer.Length;
        }

        return conditions.IsHead ? default : new StoredResponse(answer, 0, answer.Length);
    }

    /// <summary>Sends the body, as far as there is one; the result are its bytes.</summary>
    internal Task<long> SendAsync(IFeatureCollection features)
    {
        if (_length == 0)
        {
            return s_nothing;
        }

        if (_length > SmallBody)
        {
            return SendLargeAsync(this, features);
        }

        // What waits for the end of the request leaves with the head in one system call.
        IHttpResponseBodyFeature body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        Task start = body.StartAsync();
        if (!start.IsCompletedSuccessfully)
        {
            return SendLargeAsync(this, features);
        }

        if (_answer.Body.Length == 1)
        {
            body.Writer.Write(_answer.Body[0].AsSpan((int)_offset, (int)_length));
        }
        else
        {
            foreach (ReadOnlyMemory<byte> piece in Pieces())
            {
                body.Writer.Write(piece.Span);
            }
        }

        return _length == _answer.Length ? _answer.Sent : Task.FromResult(_length);
    }

    private static readonly Task<long> s_nothing = Task.FromResult(0L);

    private static async Task<long> SendLargeAsync(StoredResponse response, IFeatureCollection features)
    {
        BodyWriter writer = new(features, TimeProvider.System);
        foreach (ReadOnlyMemory<byte> piece in response.Pieces())
        {
            if (!await writer.WriteAsync(piece).ConfigureAwait(false))
            {
                throw new OperationCanceledException();
            }
        }

        return writer.Written;
    }

    private IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        long skip = _offset;
        long left = _length;
        foreach (byte[] piece in _answer.Body)
        {
            if (skip >= piece.Length)
            {
                skip -= piece.Length;
                continue;
            }

            int count = (int)Math.Min(piece.Length - skip, left);
            yield return piece.AsMemory((int)skip, count);
            skip = 0;
            left -= count;
            if (left == 0)
            {
                yield break;
            }
        }
    }

    private static void Describe(CachedAnswer answer, IHeaderDictionary headers, bool isNotModified, StringValues age, StringValues status)
    {
        foreach ((string name, StringValues values) in answer.Fields)
        {
            // RFC 9110, section 15.4.5: what a 304 says beside it the client has, or learns from the validator.
            if (!isNotModified || !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Location", StringComparison.OrdinalIgnoreCase))
            {
                headers[name] = values;
            }
        }

        if (answer.Forms is { MayExist: true } forms)
        {
            headers.Vary = forms.Vary;
        }

        headers.Age = age;

        // Caches behind us have their place before ours (RFC 9211, section 2).
        StringValues before = headers["Cache-Status"];
        headers["Cache-Status"] = before.Count == 0 ? status : StringValues.Concat(before, status);
    }
}
