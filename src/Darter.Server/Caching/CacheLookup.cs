using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>A request that the store could not answer, on its way to the application or waiting for another one's answer.</summary>
internal sealed class CacheLookup : ICacheLookup
{
    // For so long those that wait do so for the rest of an answer that has begun.
    private static readonly TimeSpan BodyTime = TimeSpan.FromSeconds(5);

    private readonly AnswerCache _cache;
    private Capture? _capture;
    private CapturedHead _captured;
    private ITimer? _bodyTimer;

    internal CacheLookup(AnswerCache cache) => _cache = cache;

    /// <summary>The target.</summary>
    internal required string Key { get; init; }

    /// <summary>Hash of the target and of the kind of client, for <see cref="PassMarks"/>.</summary>
    internal required int KindHash { get; init; }

    /// <summary>Hash of the target.</summary>
    internal required int KeyHash { get; init; }

    /// <summary>When it began: what changes later makes the answer out of date.</summary>
    internal required long Stamp { get; init; }

    /// <summary>When it was sent to the application, in milliseconds.</summary>
    internal required long RequestedAt { get; init; }

    /// <summary>Why it goes to the application (RFC 9211, section 2.2).</summary>
    internal required string Reason { get; init; }

    /// <summary>What the client has, and wants.</summary>
    internal required RequestConditions Conditions { get; init; }

    /// <summary>What the client says about caches.</summary>
    internal required CacheDirectives Directives { get; init; }

    /// <summary>Whether the request says who sends it.</summary>
    internal required bool IsIdentified { get; init; }

    /// <summary>Whether the request has cookies.</summary>
    internal required bool HasCookies { get; init; }

    /// <summary>How long the answer is fresh if it says nothing of it; null: as the cache has it.</summary>
    internal required TimeSpan? Ttl { get; init; }

    /// <summary>Whether the answer may be kept.</summary>
    internal required bool MayStore { get; init; }

    /// <summary>What is in the store, but stale.</summary>
    internal CachedAnswer? Stale { get; init; }

    /// <summary>Whether the application is asked if <see cref="Stale"/> is still right.</summary>
    internal bool Revalidates { get; init; }

    /// <summary>The request to the application that others wait for, or that this one waits for.</summary>
    internal Flight? Flight { get; init; }

    /// <summary>Whether this request is the one that others wait for.</summary>
    internal bool Leads { get; init; }

    /// <summary>What other servers have for it; null: they were not asked.</summary>
    internal SharedAnswer? Known { get; set; }

    /// <summary>How often it has waited.</summary>
    internal int Rounds { get; init; }

    /// <inheritdoc/>
    public Task? Awaited => Leads ? null : Flight?.Done;

    /// <inheritdoc/>
    public IHeldAnswer? OnHead(in CacheExchange exchange, IHoldOwner owner)
    {
        IHttpResponseFeature response = exchange.Response;
        int status = response.StatusCode;
        string[] tags = AnswerFields.TagsOf(response.Headers);
        response.Headers.Remove(AnswerFields.SurrogateKey);
        if (Stale is not null && Revalidates && status == StatusCodes.Status304NotModified)
        {
            return Refresh(exchange, owner, tags);
        }

        if (IsServerError(status) && TryServeStale(exchange, string.Create(CultureInfo.InvariantCulture, $"; fwd-status={status}"), out StoredResponse stale))
        {
            EndFlight(FlightOutcome.Failed);
            return new StoredReplacement(stale, exchange.Features, owner, _cache.Loop);
        }

        bool keeps = MayStore && BeginCapture(exchange, tags);
        if (!keeps)
        {
            Refuse(status);
        }

        AddStatus(response.Headers, $"Darter; fwd={Reason}{(Revalidates ? string.Create(CultureInfo.InvariantCulture, $"; fwd-status={status}") : "")}{(keeps && response.Headers.ContentLength is not null ? "; stored" : "")}");
        return null;
    }

    /// <inheritdoc/>
    public void OnBody(ReadOnlySpan<byte> bytes)
    {
        if (_capture is not null && !_capture.TryAdd(bytes))
        {
            Refuse();
        }
    }

    /// <inheritdoc/>
    public void OnEnd()
    {
        if (_capture is not { } capture)
        {
            return;
        }

        _capture = null;
        bool isStored = false;
        if (capture.IsComplete)
        {
            CachedAnswer answer = _captured.ToAnswer(capture);
            isStored = _cache.Keep(this, _captured.Vary, _captured.Request, answer);
        }

        capture.Release();
        EndFlight(isStored ? FlightOutcome.Stored : FlightOutcome.NotKept);
    }

    /// <inheritdoc/>
    public void Refuse() => Refuse(StatusCodes.Status200OK);

    /// <inheritdoc/>
    public IHeldAnswer? OnFailed(in CacheExchange exchange, IHoldOwner owner) =>
        TryServeStale(exchange, "", out StoredResponse stale) ? new StoredReplacement(stale, exchange.Features, owner, _cache.Loop) : null;

    /// <inheritdoc/>
    public void Leave(bool clientLeft)
    {
        DropCapture();
        EndFlight(clientLeft ? FlightOutcome.Left : FlightOutcome.Failed);
    }

    private static bool IsServerError(int status) => status
        is StatusCodes.Status500InternalServerError or StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout;

    private static void AddStatus(IHeaderDictionary headers, string status)
    {
        StringValues before = headers["Cache-Status"];
        headers["Cache-Status"] = before.Count == 0 ? status : StringValues.Concat(before, status);
    }

    /// <summary>The application says that what is stored is still right (RFC 9111, section 4.3.4).</summary>
    private StoredReplacement Refresh(in CacheExchange exchange, IHoldOwner owner, string[] tags)
    {
        CachedAnswer stale = Stale!;
        IHttpResponseFeature response = exchange.Response;
        HeaderDictionary fields = AnswerFields.Freshen(stale, response.Headers);
        AnswerHead head = HeadOf(stale.Status, fields);
        bool isAllowed = _cache.Policy.Allows(head, out Freshness freshness, out CacheAudience audience);
        CachedAnswer answer = new()
        {
            Status = stale.Status,
            Reason = stale.Reason,
            Fields = AnswerFields.Keep(fields, _cache.Clock.Now),
            Body = stale.Body,
            Length = stale.Length,
            Freshness = isAllowed ? freshness : new Freshness { ReceivedAt = _cache.Clock.Milliseconds, Lifetime = 0 },
            Audience = audience,
            Tags = tags.Length > 0 ? tags : stale.Tags,
            EntityTag = AnswerFields.EntityTagOf(fields),
            Modified = AnswerFields.ModifiedOf(fields),
        };
        bool isStored = isAllowed && _cache.Keep(this, AnswerFields.VaryOf(fields), new RequestFields(exchange.Request.Headers), answer);
        if (!isStored)
        {
            _cache.Discard(stale);
        }

        _cache.Totals.CountRevalidated();
        EndFlight(isStored ? FlightOutcome.Stored : FlightOutcome.NotKept);
        return new StoredReplacement(Replace(exchange, answer, $"Darter; fwd=stale; fwd-status=304{(isStored ? "; stored" : "")}"), exchange.Features, owner, _cache.Loop);
    }

    private bool TryServeStale(in CacheExchange exchange, string detail, out StoredResponse response)
    {
        response = default;
        if (Stale is not { } stale || !stale.Freshness.MayServeOnError(Directives, _cache.Clock.Milliseconds))
        {
            return false;
        }

        _cache.Totals.CountStaleHit();
        response = Replace(exchange, stale, $"Darter; fwd={Reason}{detail}");
        return true;
    }

    private StoredResponse Replace(in CacheExchange exchange, CachedAnswer answer, string status)
    {
        exchange.Response.Headers.Clear();
        exchange.Response.ReasonPhrase = null;
        return StoredResponse.Begin(_cache.FormOf(exchange, Conditions, answer), Conditions, exchange.Response, answer.AgeTextAt(_cache.Clock.Milliseconds).Age, status);
    }

    private AnswerHead HeadOf(int status, IHeaderDictionary headers) => new()
    {
        Status = status,
        Headers = headers,
        IsIdentified = IsIdentified,
        HasCookies = HasCookies,
        Ttl = Ttl,
        RequestedAt = RequestedAt,
    };

    private bool BeginCapture(in CacheExchange exchange, string[] tags)
    {
        IHttpResponseFeature response = exchange.Response;
        IHeaderDictionary headers = response.Headers;
        long expected = headers.ContentLength ?? (response.StatusCode == StatusCodes.Status204NoContent ? 0 : -1);
        if (expected > _cache.MaxObject || !_cache.Policy.Allows(HeadOf(response.StatusCode, headers), out Freshness freshness, out CacheAudience audience))
        {
            return false;
        }

        _captured = new CapturedHead
        {
            Status = response.StatusCode,
            Reason = response.ReasonPhrase,
            Fields = AnswerFields.Keep(headers, _cache.Clock.Now),
            Freshness = freshness,
            Audience = audience,
            Tags = tags,
            EntityTag = AnswerFields.EntityTagOf(headers),
            Modified = AnswerFields.ModifiedOf(headers),
            Vary = AnswerFields.VaryOf(headers),
            Request = new RequestFields(exchange.Request.Headers),
        };
        _capture = new Capture(_cache.Store, expected, _cache.MaxObject);
        if (Leads)
        {
            // A slow client slows the application's answer down, and an endless one never ends: nobody else must wait for that.
            _bodyTimer = _cache.Clock.After(BodyTime, () => Flight!.End(FlightOutcome.NotKept));
        }

        return true;
    }

    /// <summary>The answer is not kept.</summary>
    /// <param name="status">Its status.</param>
    private void Refuse(int status)
    {
        DropCapture();
        bool isError = IsServerError(status);
        if (!isError && MayStore)
        {
            if (Leads)
            {
                _cache.Marks.Add(KindHash, _cache.Clock.Milliseconds);
            }

            if (Stale is not null && status != StatusCodes.Status304NotModified && !Conditions.AsksForRange)
            {
                // There is another answer now.
                _cache.Discard(Stale);
            }
        }

        EndFlight(isError ? FlightOutcome.Failed : FlightOutcome.NotKept);
    }

    private void DropCapture()
    {
        _capture?.Release();
        _capture = null;
    }

    private void EndFlight(FlightOutcome outcome)
    {
        _bodyTimer?.Dispose();
        _bodyTimer = null;
        if (Leads)
        {
            Flight!.End(outcome);
        }
    }
}
