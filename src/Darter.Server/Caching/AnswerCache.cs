using System.Collections.Concurrent;
using Darter.Server.Configuration;
using Darter.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Caching;

/// <summary>The cache of answers: a shared cache of RFC 9111, in memory.</summary>
internal sealed partial class AnswerCache : IAnswerCache
{
    // A request that has waited so often for others in vain goes by itself.
    private const int MostRounds = 3;

    private readonly ConcurrentDictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    private readonly InvalidationClock _changes = new();
    private readonly ILogger _logger;

    internal AnswerCache(CacheConfig config, EventLoop loop, TimeProvider time, ILogger<AnswerCache> logger)
    {
        Loop = loop;
        Clock = new CacheClock(time);
        Policy = new StorePolicy(config.Ttl, Clock);
        Store = new AnswerStore(config.Size);
        Size = config.Size;
        MaxObject = config.MaxObject;
        _logger = logger;
    }

    /// <summary>The pool's loop.</summary>
    internal EventLoop Loop { get; }

    /// <summary>The clock.</summary>
    internal CacheClock Clock { get; }

    /// <summary>What is kept.</summary>
    internal StorePolicy Policy { get; }

    /// <summary>The answers.</summary>
    internal AnswerStore Store { get; }

    /// <summary>Whose answers are not kept, as was found out.</summary>
    internal PassMarks Marks { get; } = new();

    /// <summary>What is counted.</summary>
    internal CacheTotals Totals { get; } = new();

    /// <summary>Bytes it may take.</summary>
    internal long Size { get; }

    /// <summary>Most bytes of a body.</summary>
    internal int MaxObject { get; }

    /// <inheritdoc/>
    public Task<long>? TryAnswer(in CacheExchange exchange, ICacheLookup? before, out ICacheLookup? lookup)
    {
        lookup = null;
        if (exchange.Features is RefreshRequest refresh)
        {
            lookup = refresh.Lookup;
            return null;
        }

        IHeaderDictionary headers = exchange.Request.Headers;
        string host = headers.Host.ToString();
        int most = CacheKey.LengthOf(host, exchange);
        Span<char> buffer = most <= 512 ? stackalloc char[512] : new char[most];
        int length = CacheKey.Write(buffer, host, exchange);
        if (length == 0)
        {
            return null;
        }

        ReadOnlySpan<char> key = buffer[..length];
        CacheRequest request = new(exchange) { Earlier = before as CacheLookup };
        CacheResource? resource = Store.Find(key);
        CachedAnswer? answer = resource?.Find(request.Fields);
        if (request.Directives.NoStore || request.Conditions.IsForOrigin || (answer is not null && !request.MayHave(answer)))
        {
            lookup = Forward(key, request, request.Directives.NoStore ? "request" : "bypass");
            return null;
        }

        long now = Clock.Milliseconds;
        if (answer is not null && Serve(exchange, key, request, answer, now) is { } serving)
        {
            return serving;
        }

        if (LookAtOthers(exchange, key, request, resource, answer, now) is { } waiting)
        {
            lookup = waiting;
            return null;
        }

        if (request.Directives.OnlyIfCached)
        {
            return PlainAnswer.WriteAsync(exchange.Features, StatusCodes.Status504GatewayTimeout);
        }

        lookup = Look(exchange, key, request, resource, answer, now);
        return null;
    }

    /// <inheritdoc/>
    public void OnChanged(in CacheExchange exchange)
    {
        string host = exchange.Request.Headers.Host.ToString();
        Span<char> buffer = new char[CacheKey.LengthOf(host, exchange)];
        int length = CacheKey.Write(buffer, host, exchange);
        if (length == 0)
        {
            return;
        }

        // RFC 9111, section 4.4.
        string key = new(buffer[..length]);
        Invalidate(key);
        IHeaderDictionary headers = exchange.Response.Headers;
        foreach (StringValues field in (StringValues[])[headers.Location, headers.ContentLocation])
        {
            if (field is [{ Length: > 0 } reference] && CacheKey.Resolve(key, reference) is { } other && other != key)
            {
                Invalidate(other);
            }
        }
    }

    /// <summary>Puts an answer into the store; false: it is out of date already, or too big.</summary>
    internal bool Keep(CacheLookup lookup, string[] vary, in RequestFields request, CachedAnswer answer)
    {
        if (!Put(lookup.Key, lookup.Stamp, vary, request, answer))
        {
            return false;
        }

        Marks.Remove(lookup.KindHash);
        Totals.CountStored();
        if (lookup.Known is { } known)
        {
            Shared?.Store(lookup.Key, request, answer, known);
        }

        return true;
    }

    /// <summary>Removes an answer that another has made out of date.</summary>
    internal void Discard(CachedAnswer answer)
    {
        Store.Discard(answer);
        _ = Shared?.PurgeAsync(new CachePurge(PurgeKind.Key, answer.Resource!.Key));
    }

    /// <summary>Puts an answer into the store; false: its target has changed since a moment, or it is too big.</summary>
    private bool Put(string key, long stamp, string[] vary, in RequestFields request, CachedAnswer answer)
    {
        int hash = string.GetHashCode(key.AsSpan());
        if (!_changes.IsValid(hash, stamp) || !Store.Put(key, vary, request, answer))
        {
            return false;
        }

        if (_changes.IsValid(hash, stamp))
        {
            return true;
        }

        // It changed just now, and whoever removed what was there may not have seen it.
        Store.Remove(key);
        return false;
    }

    /// <summary>Answers with what is stored, if it may be used; null: it may not.</summary>
    private Task<long>? Serve(in CacheExchange exchange, ReadOnlySpan<char> key, in CacheRequest request, CachedAnswer answer, long now)
    {
        Freshness freshness = answer.Freshness;
        FlightOutcome waited = request.Earlier?.Flight?.Outcome ?? FlightOutcome.Pending;
        if (waited == FlightOutcome.Stored && freshness.RemainingAt(now) > 0)
        {
            // It was asked for while this request was there, so that it is as new as can be.
            Totals.CountCollapsed();
            return Send(exchange, request, answer, now, $"Darter; fwd={request.Earlier!.Reason}; collapsed");
        }

        if (freshness.Satisfies(request.Directives, now))
        {
            Totals.CountHit();
            return Send(exchange, request, answer, now, default);
        }

        if (request.AcceptsStale && freshness.MayServeWhileRevalidating(now))
        {
            Totals.CountHit();
            Totals.CountStaleHit();
            BeginRefresh(exchange, key, request, answer, now);
            return Send(exchange, request, answer, now, default);
        }

        if (waited == FlightOutcome.Failed && freshness.MayServeOnError(request.Directives, now))
        {
            Totals.CountStaleHit();
            return Send(exchange, request, answer, now, $"Darter; fwd={request.Earlier!.Reason}; collapsed");
        }

        return null;
    }

    /// <summary>A request that goes to the application by itself, and whose answer is not kept.</summary>
    private CacheLookup Forward(ReadOnlySpan<char> key, in CacheRequest request, string reason)
    {
        Totals.CountMiss();
        return Create(key, request, reason, kindHash: 0, mayStore: false, stale: null, revalidates: false, flight: null, leads: false);
    }

    /// <summary>A request that goes to the application, or waits for another that does.</summary>
    private CacheLookup Look(in CacheExchange exchange, ReadOnlySpan<char> key, in CacheRequest request, CacheResource? resource, CachedAnswer? answer, long now)
    {
        string reason = answer is null ? resource is null ? "uri-miss" : "vary-miss" : answer.Freshness.RemainingAt(now) > 0 ? "request" : "stale";
        RequestConditions conditions = request.Conditions;
        bool canRevalidate = answer is { HasValidator: true } && !conditions.IsHead && !conditions.AsksForRange;
        int kindHash = HashCode.Combine(string.GetHashCode(key), request.Kind);

        // What only this client can use is worth no waiting: a head, a part, the news that it has the answer.
        bool isAlone = conditions.IsHead || conditions.AsksForRange || (conditions.AsksForChange && !canRevalidate)
            || request.Earlier is { Rounds: >= MostRounds } or { Flight.Outcome: FlightOutcome.NotKept or FlightOutcome.Failed }
            || Marks.Contains(kindHash, now);
        bool leads = false;
        Flight? flight = isAlone ? null : Flight.Join(_flights, NameOf(key, request, resource), out leads);
        if (isAlone || leads)
        {
            Totals.CountMiss();
            if (canRevalidate)
            {
                Ask(exchange.Request.Headers, answer!);
            }
        }

        return Create(key, request, reason, kindHash, mayStore: !conditions.IsHead, answer, canRevalidate, flight, leads);
    }

    /// <summary>Has the application asked for a newer answer, unless that is under way.</summary>
    private void BeginRefresh(in CacheExchange exchange, ReadOnlySpan<char> key, in CacheRequest request, CachedAnswer answer, long now)
    {
        Flight flight = Flight.Join(_flights, NameOf(key, request, answer.Resource), out bool leads);
        if (!leads)
        {
            return;
        }

        int kindHash = HashCode.Combine(string.GetHashCode(key), request.Kind);
        CacheLookup lookup = Create(key, request, "stale", kindHash, mayStore: true, answer, answer.HasValidator, flight, leads: true);
        _ = RefreshAsync(new RefreshRequest(exchange) { Lookup = lookup, Source = exchange.Source });
    }

    private async Task RefreshAsync(RefreshRequest refresh)
    {
        IHeaderDictionary headers = refresh.GetRequiredFeature<IHttpRequestFeature>().Headers;
        try
        {
            if (await IsRefreshedByOthersAsync(refresh, headers).ConfigureAwait(false))
            {
                refresh.Lookup.Flight!.End(FlightOutcome.Fetched);
                return;
            }

            Totals.CountMiss();
            if (refresh.Lookup is { Revalidates: true, Stale: { } stale })
            {
                Ask(headers, stale);
            }

            await refresh.Source.RunAsync(refresh).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            LogNotRefreshed(_logger, refresh.Lookup.Key, exception.Message);
        }
        finally
        {
            refresh.Lookup.Leave(clientLeft: false);
        }
    }

    private CacheLookup Create(
        ReadOnlySpan<char> key, in CacheRequest request, string reason, int kindHash, bool mayStore, CachedAnswer? stale, bool revalidates, Flight? flight, bool leads, bool counts = true) => new(this)
        {
            Key = key.ToString(),
            KeyHash = string.GetHashCode(key),
            KindHash = kindHash,
            Stamp = _changes.Now,
            RequestedAt = Clock.Milliseconds,
            Reason = reason,
            Conditions = request.Conditions,
            Directives = request.Directives,
            IsIdentified = request.IsIdentified,
            HasCookies = request.HasCookies,
            Ttl = request.Ttl,
            MayStore = mayStore,
            Stale = stale,
            Revalidates = revalidates,
            Flight = flight,
            Leads = leads,
            Known = request.Earlier?.Known ?? request.Earlier?.Flight?.Known,
            Rounds = (request.Earlier?.Rounds ?? 0) + (counts ? 1 : 0),
        };

    /// <summary>Asks whether an answer is still right, in the place of what the client asks (RFC 9111, section 4.3.1).</summary>
    private static void Ask(IHeaderDictionary headers, CachedAnswer answer)
    {
        headers.IfNoneMatch = answer.EntityTag?.ToString() ?? default(StringValues);
        headers.IfModifiedSince = answer.Modified is { } modified ? HeaderUtilities.FormatDate(modified) : default(StringValues);
    }

    private static string NameOf(ReadOnlySpan<char> key, in CacheRequest request, CacheResource? resource) =>
        $"{key}\n{request.Kind}\n{request.Fields.Describe(resource?.VaryNames ?? [])}";

    [LoggerMessage(420, LogLevel.Warning, "Cache: {Key} could not be asked for again: {Reason}")]
    private static partial void LogNotRefreshed(ILogger logger, string key, string reason);
}
