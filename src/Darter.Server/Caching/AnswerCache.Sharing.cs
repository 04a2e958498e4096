using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>Answers that other servers have kept.</summary>
internal sealed partial class AnswerCache
{
    /// <summary>What several servers have together; null: there is nothing. Set once, before the first request.</summary>
    internal ISharedAnswers? Shared { get; set; }

    /// <summary>
    /// Asks whether another server has an answer to the request, together with others that want the same; null: that was done, or is in vain.
    /// </summary>
    private CacheLookup? LookAtOthers(in CacheExchange exchange, ReadOnlySpan<char> key, in CacheRequest request, CacheResource? resource, CachedAnswer? answer, long now)
    {
        int kindHash = HashCode.Combine(string.GetHashCode(key), request.Kind);
        if (Shared is not { IsAvailable: true } shared || request.Earlier?.Known is not null || request.Earlier?.Flight?.Known is not null || Marks.Contains(kindHash, now))
        {
            return null;
        }

        string name = NameOf(key, request, resource);
        if (_flights.ContainsKey(name))
        {
            // The application is asked already.
            return null;
        }

        // No request has a target that begins so.
        Flight flight = Flight.Join(_flights, $"shared {name}", out bool leads);
        if (leads)
        {
            // The client may leave meanwhile, and its fields with it.
            HeaderDictionary headers = new(exchange.Request.Headers.Count);
            foreach ((string field, StringValues values) in exchange.Request.Headers)
            {
                headers[field] = values;
            }

            _ = FetchAsync(shared, key.ToString(), new RequestFields(headers), flight);
        }

        return Create(key, request, answer is null ? "uri-miss" : "stale", kindHash, mayStore: false, answer, revalidates: false, flight, leads: false, counts: false);
    }

    private async Task FetchAsync(ISharedAnswers shared, string key, RequestFields request, Flight flight)
    {
        FlightOutcome outcome = FlightOutcome.Absent;
        try
        {
            SharedAnswer known = await TakeSharedAsync(shared, key, request).ConfigureAwait(false);
            flight.Known = known;
            outcome = known.Answer is null ? FlightOutcome.Absent : FlightOutcome.Fetched;
        }
        finally
        {
            flight.Known ??= SharedAnswer.Unknown;
            flight.End(outcome);
        }
    }

    /// <summary>Takes another server's answer into memory, if it is fresher than what is there, and was not purged meanwhile; otherwise there is none.</summary>
    private async Task<SharedAnswer> TakeSharedAsync(ISharedAnswers shared, string key, RequestFields request)
    {
        long stamp = _changes.Now;
        SharedAnswer known = await shared.FetchAsync(key, request).ConfigureAwait(false);
        if (known.Answer is not { } answer)
        {
            return known;
        }

        if (answer.Length > MaxObject || !IsFresherThanOwn(key, request, answer) || !Put(key, stamp, known.Vary, request, answer))
        {
            return known with { Answer = null };
        }

        Totals.CountFetched();
        return known;
    }

    private bool IsFresherThanOwn(string key, in RequestFields request, CachedAnswer answer)
    {
        long now = Clock.Milliseconds;
        return Store.Find(key)?.Find(request) is not { } own || own.Freshness.RemainingAt(now) < answer.Freshness.RemainingAt(now);
    }

    /// <summary>Whether another server has a fresh answer in the place of a stale one, which is in memory then.</summary>
    private async Task<bool> IsRefreshedByOthersAsync(RefreshRequest refresh, IHeaderDictionary headers)
    {
        if (Shared is not { IsAvailable: true } shared)
        {
            return false;
        }

        CacheLookup lookup = refresh.Lookup;
        SharedAnswer known = await TakeSharedAsync(shared, lookup.Key, new RequestFields(headers)).ConfigureAwait(false);
        lookup.Known = known;
        return known.Answer is { } answer && answer.Freshness.RemainingAt(Clock.Milliseconds) > 0;
    }
}
