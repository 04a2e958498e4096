using Darter.Transport.Files;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Files;

/// <summary>Sending a file.</summary>
internal sealed partial class FileExchange
{
    private const string Revalidate = "no-cache";

    // A year, as RFC 9111 once had for the longest, and RFC 8246: not even a reload asks again.
    private const string Immutable = "public, max-age=31536000, immutable";

    private async Task SendAsync(RequestPath path, OpenedFile file)
    {
        ContentType type = ContentTypes.Of(path.Name);
        IHeaderDictionary headers = _response.Headers;
        headers["X-Content-Type-Options"] = "nosniff";
        headers.CacheControl = _config.ImmutableNames && HashedName.Matches(path.Name) ? Immutable : Revalidate;
        ContentCodings accepted = ContentCodings.None;
        if (type.IsCompressible)
        {
            headers.Vary = "Accept-Encoding";
            accepted = AcceptedCodings.Parse(_request.Headers.AcceptEncoding);
        }

        using Variant variant = await ChooseAsync(path, file, accepted).ConfigureAwait(false);
        DateTimeOffset now = _site.Time.GetUtcNow();
        Validators validators = Validators.Of(variant.File.Status, now);
        if (variant.IsCompressedOnTheFly)
        {
            validators = validators.Compressed(variant.Coding!);
        }

        headers.ETag = validators.Tag;
        headers.LastModified = validators.LastModified;
        switch (Preconditions.Evaluate(_request.Headers, validators))
        {
            case Precondition.NotModified:
                _response.StatusCode = StatusCodes.Status304NotModified;
                return;
            case Precondition.Failed:
                await RefuseAsync(StatusCodes.Status412PreconditionFailed).ConfigureAwait(false);
                return;
        }

        headers.ContentType = type.Value;
        if (variant.Coding is { } coding)
        {
            headers.ContentEncoding = coding;
        }

        if (variant.IsCompressedOnTheFly)
        {
            if (!_isHead)
            {
                await SendCompressedAsync(variant).ConfigureAwait(false);
            }

            return;
        }

        headers.AcceptRanges = "bytes";
        await SendRangesAsync(variant.File, validators, type).ConfigureAwait(false);
    }

    private async Task SendRangesAsync(OpenedFile file, Validators validators, ContentType type)
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
                _response.Headers.ContentLength = length;
                if (!_isHead && length > 0)
                {
                    await _body.WriteAsync(file, 0, length).ConfigureAwait(false);
                }

                break;
            case []:
                _response.Headers.ContentRange = $"bytes */{length}";
                await RefuseAsync(StatusCodes.Status416RangeNotSatisfiable).ConfigureAwait(false);
                break;
            case [var range]:
                _response.StatusCode = StatusCodes.Status206PartialContent;
                _response.Headers.ContentRange = range.ToContentRange(length);
                _response.Headers.ContentLength = range.Length;
                await _body.WriteAsync(file, range.Offset, range.Length).ConfigureAwait(false);
                break;
            default:
                _response.StatusCode = StatusCodes.Status206PartialContent;
                MultipartRanges parts = new(ranges, length, type.Value);
                _response.Headers.ContentType = parts.ContentType;
                _response.Headers.ContentLength = parts.ContentLength;
                await parts.SendAsync(_body, file).ConfigureAwait(false);
                break;
        }
    }
}
