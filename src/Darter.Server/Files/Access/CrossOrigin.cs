using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Files.Access;

/// <summary>Lets pages of another origin, or of any, read what is served (the Fetch standard's CORS protocol).</summary>
/// <param name="origin">The origin, or <c>*</c>.</param>
/// <param name="allowsWriting">Whether files may be sent; to pages of any origin that is never allowed.</param>
/// <param name="next">Who answers.</param>
internal sealed class CrossOrigin(string origin, bool allowsWriting, IFrontHandler next) : IFrontHandler
{
    private const string Any = "*";

    private readonly string _methods = allowsWriting && origin != Any ? "GET, HEAD, PUT" : "GET, HEAD";

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.AccessControlExposeHeaders = "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, Location";
        if (origin != Any)
        {
            response.Headers.AccessControlAllowCredentials = "true";
        }

        if (!HttpMethods.IsOptions(request.Method) || request.Headers.AccessControlRequestMethod.Count == 0)
        {
            return next.TryHandle(features);
        }

        // The question before the request. It carries no credentials, so nobody is asked for any.
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.AccessControlAllowMethods = _methods;
        response.Headers.AccessControlMaxAge = "600";
        StringValues fields = request.Headers.AccessControlRequestHeaders;
        if (fields.Count > 0)
        {
            response.Headers.AccessControlAllowHeaders = fields;
            response.Headers.Vary = "Access-Control-Request-Headers";
        }

        return Task.FromResult(0L);
    }
}
