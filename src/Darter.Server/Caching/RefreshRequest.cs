using Darter.Server.Proxies;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Caching;

/// <summary>
/// Asks for a newer answer while a stale one is served (RFC 5861, section 3): a request like that of the client that found
/// it stale, whose answer goes into the store and nowhere else.
/// </summary>
internal sealed class RefreshRequest : FeatureCollection, IFrontRequest
{
    internal RefreshRequest(in CacheExchange exchange)
    {
        IHttpRequestFeature client = exchange.Request;
        HttpRequestFeature request = new()
        {
            Protocol = "HTTP/1.1",
            Method = HttpMethods.Get,
            Scheme = client.Scheme,
            RawTarget = client.RawTarget,
            Path = client.Path,
            QueryString = client.QueryString,
            Headers = Copy(client.Headers),
            Body = Stream.Null,
        };
        Set<IHttpRequestFeature>(request);
        Set<IHttpRequestBodyDetectionFeature>(NoRequestBody.Instance);
        Set<IHttpResponseFeature>(new HttpResponseFeature());
        Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());

        // What the application is told of the connection.
        Set(exchange.Features.Get<IHttpConnectionFeature>());
        Set(exchange.Features.Get<IConnectionEndPointFeature>());
        Set(exchange.Features.Get<IRequestVariables>());
        Set(exchange.Features.Get<ProxiedConnection>());
    }

    /// <summary>What the answer is for.</summary>
    internal required CacheLookup Lookup { get; init; }

    /// <summary>Who is asked.</summary>
    internal required IAnswerSource Source { get; init; }

    private static HeaderDictionary Copy(IHeaderDictionary headers)
    {
        HeaderDictionary copy = new(headers.Count);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in headers)
        {
            copy[name] = values;
        }

        // What the client has, wants a part of, or says about its connection, is not the store's.
        foreach (string name in (string[])["If-None-Match", "If-Modified-Since", "Range", "If-Range", "Cache-Control", "Pragma", "Connection", "Keep-Alive", "TE", "Upgrade"])
        {
            copy.Remove(name);
        }

        return copy;
    }
}
