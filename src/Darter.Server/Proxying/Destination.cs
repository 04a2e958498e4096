using Yarp.ReverseProxy.Model;

namespace Darter.Server.Proxying;

/// <summary>A server of an upstream: what is counted of it, and its share of the requests. Any thread.</summary>
internal sealed class Destination
{
    // With less a destination that takes its share gradually would see no request for a while.
    private const double LeastShare = 0.1;

    private readonly TimeProvider _time;
    private readonly Lock _failing = new();
    private int _running;
    private long _requests;
    private long _failures;
    private long _failingSince;
    private int _recentFailures;
    private long _availableSince;

    internal Destination(DestinationState state, TimeProvider time)
    {
        State = state;
        _time = time;
    }

    /// <summary>The destination as YARP knows it, with its address and health.</summary>
    internal DestinationState State { get; }

    /// <summary>What it is called in logs: its address, and how it was found.</summary>
    internal string Name => State.DestinationId;

    /// <summary>Its weight.</summary>
    internal int Weight { get; set; } = 1;

    /// <summary>Whether it does not pass the health check.</summary>
    internal bool IsUnhealthy => State.Health.Active == DestinationHealth.Unhealthy;

    /// <summary>Whether it has a pause, since requests to it failed.</summary>
    internal bool IsFailing => State.Health.Passive == DestinationHealth.Unhealthy;

    /// <summary>Requests that it has at the moment, WebSockets included.</summary>
    internal int Running => Volatile.Read(ref _running);

    /// <summary>Requests that it has had.</summary>
    internal long Requests => Volatile.Read(ref _requests);

    /// <summary>Requests that failed there.</summary>
    internal long Failures => Volatile.Read(ref _failures);

    /// <summary>What smooth round robin remembers; under its lock.</summary>
    internal double Credit { get; set; }

    /// <summary>From now on it takes its share gradually.</summary>
    internal void StartSlowly() => Volatile.Write(ref _availableSince, _time.GetTimestamp());

    /// <summary>Its share of the requests beside the others': the weight, or less while it starts slowly.</summary>
    internal double ShareOf(TimeSpan slowStart)
    {
        long since;
        if (slowStart == TimeSpan.Zero || (since = Volatile.Read(ref _availableSince)) == 0)
        {
            return Weight;
        }

        double progress = _time.GetElapsedTime(since) / slowStart;
        return Weight * Math.Clamp(progress, LeastShare, 1);
    }

    /// <summary>Counts a request, unless it has as many as it may have (0: any number).</summary>
    internal bool TryEnter(int limit)
    {
        int running = Volatile.Read(ref _running);
        while (limit == 0 || running < limit)
        {
            int seen = Interlocked.CompareExchange(ref _running, running + 1, running);
            if (seen == running)
            {
                Interlocked.Increment(ref _requests);
                return true;
            }

            running = seen;
        }

        return false;
    }

    /// <summary>A request is over.</summary>
    internal void Leave() => Interlocked.Decrement(ref _running);

    /// <summary>A request failed. Whether there were so many within the time that it is to have a pause.</summary>
    internal bool Fail(int limit, TimeSpan within)
    {
        Interlocked.Increment(ref _failures);
        lock (_failing)
        {
            if (_recentFailures == 0 || _time.GetElapsedTime(_failingSince) > within)
            {
                _recentFailures = 0;
                _failingSince = _time.GetTimestamp();
            }

            if (++_recentFailures < limit)
            {
                return false;
            }

            _recentFailures = 0;
            return true;
        }
    }
}
