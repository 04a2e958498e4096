using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Darter.Server;

/// <summary>Answers of a status and a line of text that names it.</summary>
internal static class PlainAnswer
{
    /// <summary>Writes one; returns the bytes of its body.</summary>
    /// <param name="features">The request and its response.</param>
    /// <param name="status">The status.</param>
    /// <param name="detail">Further text, a line or more.</param>
    internal static async Task<long> WriteAsync(IFeatureCollection features, int status, string detail = "")
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        byte[] text = Encoding.UTF8.GetBytes($"{status} {ReasonPhrases.GetReasonPhrase(status)}\n{detail}");
        response.StatusCode = status;
        response.Headers.ContentType = "text/plain; charset=utf-8";
        response.Headers.ContentLength = text.Length;
        if (HttpMethods.IsHead(features.GetRequiredFeature<IHttpRequestFeature>().Method))
        {
            return 0;
        }

        await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(text).ConfigureAwait(false);
        return text.Length;
    }
}
