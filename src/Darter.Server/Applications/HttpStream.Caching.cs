using Darter.Server.Observability;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>Answers that the front has from before, and those that it keeps.</summary>
internal sealed partial class HttpStream
{
    private ICacheLookup? _cacheLookup;
    private bool _changesCache;
    private Action? _onCachedHead;

    /// <summary>Answers the request from the cache, now or when the answer to another like it is there; null: the application is to be asked.</summary>
    private Task? AnswerFromCache(IAnswerCache cache)
    {
        // A web server in front of a gateway protocol has a cache of its own, and tells the application things that no key has.
        if (_handshake is not null || _gateway is not null)
        {
            return null;
        }

        if (!HttpMethods.IsGet(_request.Method) && !HttpMethods.IsHead(_request.Method))
        {
            _changesCache = !HttpMethods.IsOptions(_request.Method) && !HttpMethods.IsTrace(_request.Method);
            return null;
        }

        return _bodyDetection is { CanHaveBody: true } ? null : AskCache(cache, null);
    }

    private Task? AskCache(IAnswerCache cache, ICacheLookup? before)
    {
        if (cache.TryAnswer(DescribeForCache(), before, out ICacheLookup? lookup) is { } answering)
        {
            return answering.IsCompletedSuccessfully ? EndCached(answering.Result) : ObserveAsync(answering);
        }

        if (lookup?.Awaited is { } awaited)
        {
            return AwaitCacheAsync(cache, lookup, awaited);
        }

        _cacheLookup = lookup;
        return null;
    }

    private Task EndCached(long bytes)
    {
        _responseBytes = bytes;
        _status = _response.StatusCode;
        OnEnded();
        return Task.CompletedTask;
    }

    /// <summary>Waits until another request has been answered, then looks again.</summary>
    private async Task AwaitCacheAsync(IAnswerCache cache, ICacheLookup lookup, Task awaited)
    {
        await awaited.ConfigureAwait(false);
        if (_connectionLoop is not null)
        {
            await new LoopSwitch(_connectionLoop);
        }

        if (_lifetime.RequestAborted.IsCancellationRequested)
        {
            SetEnd(RequestEnd.ClientLeft);
            OnEnded();
            return;
        }

        await (AskCache(cache, lookup) ?? Forward()).ConfigureAwait(false);
    }

    /// <summary>The application's head is in the response. True: a stored answer takes its place.</summary>
    /// <param name="isInstruction">Whether it is not only for the client, so that no other may have it.</param>
    private bool ShowHeadToCache(bool isInstruction)
    {
        if (_changesCache)
        {
            if (_response.StatusCode is >= 200 and < 400)
            {
                _application.Cache!.OnChanged(DescribeForCache());
            }

            return false;
        }

        if (isInstruction)
        {
            _cacheLookup!.Refuse();
            return false;
        }

        _held = _cacheLookup!.OnHead(DescribeForCache(), this);
        _status = _response.StatusCode;
        return _held is not null;
    }

    private static void ShowToCache(ICacheLookup lookup, ReadOnlySpan<byte> body, bool end)
    {
        lookup.OnBody(body);
        if (end)
        {
            lookup.OnEnd();
        }
    }

    /// <summary>Answers with what the cache has, although it is stale, since the application gives nothing. False: there is nothing, or it is too late.</summary>
    private bool AnswerWithStale(ICacheLookup lookup)
    {
        if (_responsePhase != ResponsePhase.Waiting || lookup.OnFailed(DescribeForCache(), this) is not { } held)
        {
            return false;
        }

        _responsePhase = ResponsePhase.Sending;
        _ended = true;
        _held = held;
        _status = _response.StatusCode;
        FinishCachedHead();
        held.OnBodyEnd();
        return true;
    }

    private void LeaveCache()
    {
        ICacheLookup lookup = _cacheLookup!;
        _cacheLookup = null;

        // One that was dropped before it began has no status.
        lookup.Leave(_end == RequestEnd.ClientLeft || _status == 0);
    }

    private CacheExchange DescribeForCache() => new()
    {
        Features = _features,
        Request = _request,
        Response = _response,
        Target = _clientTarget ?? TargetOf(_request),
        Source = _route is null ? _application : new RoutedSource(_application, _route),
        Variant = _route?.CacheVariant ?? "",
        Ttl = _route?.Ttl,
        IsHttps = IsHttpsForCache(),
        IsIdentified = _variables is not null && _features.Get<ITlsConnectionFeature>()?.ClientCertificate is not null,
        MayBeEncoded = true,
        OnHeadWritten = _onCachedHead ??= FinishCachedHead,
    };

    /// <summary>The scheme as the application will be told; what contradicts itself is refused later, whatever is said here.</summary>
    private bool IsHttpsForCache()
    {
        bool? told = null;
        if (_hasProxyFields)
        {
            if (_pool.RunsEventLoops)
            {
                told = ForwardedScheme.Read(_request.Headers);
            }
            else
            {
                _ = ForwardedScheme.TryRead(_request.Headers, _application.Config.Proxy.SecureSchemeHeaders, out told);
            }
        }

        return told ?? _request.Scheme == "https";
    }

    /// <summary>Completes the head of a stored answer with what each response has.</summary>
    private void FinishCachedHead()
    {
        if (_observer is not null)
        {
            WriteObservation(_observer);
        }

        if (_application.IsLeaving)
        {
            LeaveConnection();
        }
    }
}
