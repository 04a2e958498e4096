using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Darter.Server.Access;
using Darter.Server.Configuration.Routes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Routing;

/// <summary>Counts the requests of each client on a route, and refuses those that are too many.</summary>
internal sealed class RouteLimiter : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress?> _limiter;

    internal RouteLimiter(RateLimit limit)
    {
        TokenBucketRateLimiterOptions options = new()
        {
            TokenLimit = limit.Burst > 0 ? limit.Burst : limit.Requests,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = limit.Per / limit.Requests,
            AutoReplenishment = false,
            QueueLimit = 0,
        };
        if (options.ReplenishmentPeriod < TimeSpan.FromMilliseconds(1))
        {
            // The clock of the limiters is not finer.
            options.TokensPerPeriod = (int)Math.Clamp(Math.Ceiling(limit.Requests / limit.Per.TotalMilliseconds), 1, options.TokenLimit);
            options.ReplenishmentPeriod = TimeSpan.FromMilliseconds(1);
        }

        _limiter = PartitionedRateLimiter.Create<IPAddress?, string>(
            client => RateLimitPartition.GetTokenBucketLimiter(limit.IsShared ? "" : ClientKey.Of(client), _ => options));
    }

    /// <summary>Counts a request. Null: it may pass; else the bytes of the body of its refusal.</summary>
    internal Task<long>? Check(IFeatureCollection features, IPAddress? client)
    {
        using RateLimitLease lease = _limiter.AttemptAcquire(client);
        if (lease.IsAcquired)
        {
            return null;
        }

        double seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? Math.Ceiling(wait.TotalSeconds) : 1;
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.RetryAfter = Math.Max(1, seconds).ToString(CultureInfo.InvariantCulture);
        return PlainAnswer.WriteAsync(features, StatusCodes.Status429TooManyRequests);
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();
}
