using System.Text;
using Darter.Server.Configuration.Routes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Routing;

/// <summary>Answers always the same.</summary>
internal sealed class FixedResponse(ResponseAction action)
{
    private readonly byte[]? _body = action.Body is { } body ? Encoding.UTF8.GetBytes(body) : null;

    /// <summary>Answers a request.</summary>
    internal async Task<long> AnswerAsync(IFeatureCollection features)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        bool hasBody = action.Status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified);
        if (_body is null && hasBody)
        {
            Write(response.Headers, isDefault: false);
            return await PlainAnswer.WriteAsync(features, action.Status).ConfigureAwait(false);
        }

        response.StatusCode = action.Status;
        Write(response.Headers, isDefault: _body is { Length: > 0 });
        if (_body is null || !hasBody)
        {
            return 0;
        }

        response.Headers.ContentLength = _body.Length;
        if (HttpMethods.IsHead(features.GetRequiredFeature<IHttpRequestFeature>().Method))
        {
            return 0;
        }

        await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(_body).ConfigureAwait(false);
        return _body.Length;
    }

    private void Write(IHeaderDictionary headers, bool isDefault)
    {
        if (isDefault)
        {
            headers.ContentType = "text/plain; charset=utf-8";
        }

        foreach (KeyValuePair<string, string> field in action.Fields ?? [])
        {
            headers[field.Key] = field.Value;
        }
    }
}
