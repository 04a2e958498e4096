using Darter.Server.Compression;
using Darter.Server.Configuration;
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
        bool isCompressible = type.IsCompressible || _site.CompressibleTypes.Matches(type.Value);
        if (isCompressible)
        {
            headers.Vary = "Accept-Encoding";
        }

        using Variant variant = isCompressible ? await ChooseAsync(path, file, type).ConfigureAwait(false) : Variant.Identity(file);
        DateTimeOffset now = _site.Time.GetUtcNow();
        Validators validators = Validators.Of(variant.File.Status, now);
        if (variant.IsCompressedOnTheFly)
        {
            validators = validators.Compressed(CodingNames.Of(variant.Coding));
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
        FileBody body = new(_features, _body);
        if (variant.IsCompressedOnTheFly)
        {
            await body.SendCompressedAsync(variant.File, variant.Coding).ConfigureAwait(false);
            return;
        }

        if (variant.Coding != ContentCodings.None)
        {
            headers.ContentEncoding = CodingNames.Of(variant.Coding);
        }

        headers.AcceptRanges = "bytes";
        if (!await body.SendRangesAsync(variant.File, validators, type.Value).ConfigureAwait(false))
        {
            await RefuseAsync(StatusCodes.Status416RangeNotSatisfiable).ConfigureAwait(false);
        }
    }
}
