using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tls.Acme;

/// <summary>Answers challenges over http (RFC 8555, section 8.3), whichever of the servers that share the folder has asked for them.</summary>
internal sealed class AcmeChallenges(AcmeState state) : IFrontHandler
{
    private const string Prefix = "/.well-known/acme-challenge/";

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();

        // The file is one line of a local folder, there for as long as an order takes.
        return request.RawTarget.StartsWith(Prefix, StringComparison.Ordinal)
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && state.FindHttp(request.RawTarget[Prefix.Length..]) is { } authorization
                ? AnswerAsync(features, HttpMethods.IsHead(request.Method), authorization)
                : null;
    }

    private static async Task<long> AnswerAsync(IFeatureCollection features, bool isHead, string authorization)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        byte[] content = Encoding.ASCII.GetBytes(authorization);
        response.StatusCode = StatusCodes.Status200OK;
        response.Headers.ContentType = "application/octet-stream";
        response.Headers.ContentLength = content.Length;
        if (isHead)
        {
            return 0;
        }

        await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(content).ConfigureAwait(false);
        return content.Length;
    }
}
