using Darter.Server.Configuration;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Caching;

/// <summary>Answers with what somebody in the front has answered before, and keeps it: as for applications, for upstreams.</summary>
/// <param name="inner">Who answers. Never gives null.</param>
/// <param name="cache">The cache.</param>
/// <param name="proxy">Whose word on the client's scheme is believed.</param>
/// <param name="variant">Tells its answers from those of other routes for the same address; empty: nothing has to.</param>
/// <param name="ttl">How long an answer is fresh that says nothing of it; null: as the cache has it.</param>
internal sealed class CachedHandler(Func<IFeatureCollection, Task<long>> inner, IAnswerCache cache, ProxyConfig proxy, string variant, TimeSpan? ttl)
    : ICachingHandler, IAnswerSource
{
    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features) => TryHandle(features, features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features, string clientTarget)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();

        // A web server in front of a gateway protocol has a cache of its own. What becomes a tunnel is no answer.
        if (features.Get<IGatewayRequest>() is not null
            || features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            || features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true })
        {
            return inner(features);
        }

        string target = RequestTarget.Reduce(clientTarget);
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? inner(features) : Ask(Describe(features, target), before: null);
        }

        if (!HttpMethods.IsOptions(request.Method) && !HttpMethods.IsTrace(request.Method))
        {
            Watch(Describe(features, target));
        }

        return inner(features);
    }

    /// <inheritdoc/>
    public async Task RunAsync(IFrontRequest request)
    {
        try
        {
            await TryHandle(request)!.ConfigureAwait(false);
        }
        catch (AnswerBrokenOffException)
        {
            // The log has it.
        }
    }

    private Task<long> Ask(in CacheExchange exchange, ICacheLookup? before)
    {
        if (cache.TryAnswer(exchange, before, out ICacheLookup? lookup) is { } answering)
        {
            return answering;
        }

        return lookup is null ? inner(exchange.Features)
            : lookup.Awaited is { } awaited ? AwaitAsync(exchange, lookup, awaited)
            : FetchAsync(exchange, lookup);
    }

    /// <summary>Waits until another request has been answered, then looks again.</summary>
    private async Task<long> AwaitAsync(CacheExchange exchange, ICacheLookup lookup, Task awaited)
    {
        await awaited.ConfigureAwait(false);
        exchange.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted.ThrowIfCancellationRequested();
        return await Ask(exchange, lookup).ConfigureAwait(false);
    }

    private async Task<long> FetchAsync(CacheExchange exchange, ICacheLookup lookup)
    {
        // The lifetime's features belong to the connection, which is used again.
        CancellationToken aborted = exchange.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        CachedResponse response = new(exchange, lookup);
        FeatureCollection features = new(exchange.Features);
        response.Install(features);
        try
        {
            long bytes = await inner(features).ConfigureAwait(false);
            return await response.FinishAsync(bytes).ConfigureAwait(false);
        }
        catch (Exception exception) when (response.IsReplaced && exception is AnswerBrokenOffException or IOException or OperationCanceledException)
        {
            // Of the answer that nobody gets.
            return await response.SendReplacementAsync().ConfigureAwait(false);
        }
        finally
        {
            lookup.Leave(aborted.IsCancellationRequested);
        }
    }

    /// <summary>What has changed the target makes what is kept of it out of date, before its client knows.</summary>
    private void Watch(CacheExchange exchange) => exchange.Response.OnStarting(
        _ =>
        {
            if (exchange.Response.StatusCode is >= 200 and < 400)
            {
                cache.OnChanged(exchange);
            }

            return Task.CompletedTask;
        },
        this);

    private CacheExchange Describe(IFeatureCollection features, string target)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        return new CacheExchange
        {
            Features = features,
            Request = request,
            Response = features.GetRequiredFeature<IHttpResponseFeature>(),
            Target = target,
            IsHttps = IsHttps(features, request),
            // Upstreams are not told of certificates.
            IsIdentified = false,
            Source = this,
            Variant = variant,
            Ttl = ttl,
        };
    }

    /// <summary>The scheme as the upstream will be told; what contradicts itself is refused later, whatever is said here.</summary>
    private bool IsHttps(IFeatureCollection features, IHttpRequestFeature request)
    {
        bool? told = null;
        if (proxy.ProxyHeaders && proxy.Forwarders.Contains(features.Get<IHttpConnectionFeature>()?.RemoteIpAddress))
        {
            _ = ForwardedScheme.TryRead(request.Headers, proxy.SecureSchemeHeaders, out told);
        }

        return told ?? request.Scheme == "https";
    }
}
