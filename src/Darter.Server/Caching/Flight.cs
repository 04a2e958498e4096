using System.Collections.Concurrent;

namespace Darter.Server.Caching;

/// <summary>A request to the application whose answer others wait for.</summary>
internal sealed class Flight
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, Flight> _flights;
    private readonly string _name;
    private int _outcome;

    private Flight(ConcurrentDictionary<string, Flight> flights, string name)
    {
        _flights = flights;
        _name = name;
    }

    /// <summary>What has come of it.</summary>
    internal FlightOutcome Outcome => (FlightOutcome)Volatile.Read(ref _outcome);

    /// <summary>What other servers have for it; null: they were not asked.</summary>
    internal SharedAnswer? Known { get; set; }

    /// <summary>Ends with it.</summary>
    internal Task Done => _done.Task;

    /// <summary>The flight of this name; a new one, which the caller leads, if there is none.</summary>
    internal static Flight Join(ConcurrentDictionary<string, Flight> flights, string name, out bool leads)
    {
        if (flights.TryGetValue(name, out Flight? other))
        {
            leads = false;
            return other;
        }

        Flight own = new(flights, name);
        Flight flight = flights.GetOrAdd(name, own);
        leads = flight == own;
        return flight;
    }

    /// <summary>Ends it, if it has not ended: nobody joins it any more, and who waits goes on.</summary>
    internal void End(FlightOutcome outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, (int)outcome, (int)FlightOutcome.Pending) == (int)FlightOutcome.Pending)
        {
            _flights.TryRemove(new KeyValuePair<string, Flight>(_name, this));
            _done.SetResult();
        }
    }
}
