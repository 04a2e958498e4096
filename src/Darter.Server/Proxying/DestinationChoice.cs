using System.Runtime.InteropServices;
using Darter.Server.Configuration;

namespace Darter.Server.Proxying;

/// <summary>Chooses among destinations, each by its share of the requests: YARP's policies know no weights.</summary>
internal sealed class DestinationChoice
{
    private readonly Lock _turn = new();

    /// <summary>Chooses one of at least one.</summary>
    /// <param name="policy">How.</param>
    /// <param name="candidates">Those that may be.</param>
    /// <param name="slowStart">How long one that is new takes to get its whole share.</param>
    internal Destination Choose(UpstreamPolicy policy, List<Destination> candidates, TimeSpan slowStart)
    {
        ReadOnlySpan<Destination> span = CollectionsMarshal.AsSpan(candidates);
        if (span.Length == 1)
        {
            return span[0];
        }

        return policy switch
        {
            UpstreamPolicy.RoundRobin => InTurn(span, slowStart),
            UpstreamPolicy.Random => AtRandom(span, slowStart, except: null),
            UpstreamPolicy.LeastRequests => LeastBusy(span, slowStart),
            _ => LessBusyOfTwo(span, slowStart),
        };
    }

    /// <summary>
    /// Smooth weighted round robin, as nginx: each gets its share as credit, the richest is chosen and pays what all got. A
    /// heavy one is so spread between the others.
    /// </summary>
    private Destination InTurn(ReadOnlySpan<Destination> candidates, TimeSpan slowStart)
    {
        lock (_turn)
        {
            Destination best = candidates[0];
            double total = 0;
            foreach (Destination candidate in candidates)
            {
                double share = candidate.ShareOf(slowStart);
                total += share;
                candidate.Credit += share;
                if (candidate.Credit > best.Credit)
                {
                    best = candidate;
                }
            }

            best.Credit -= total;
            return best;
        }
    }

    private static Destination LessBusyOfTwo(ReadOnlySpan<Destination> candidates, TimeSpan slowStart)
    {
        Destination first = AtRandom(candidates, slowStart, except: null);
        Destination second = AtRandom(candidates, slowStart, except: first);
        return Load(second, slowStart) < Load(first, slowStart) ? second : first;
    }

    private static Destination LeastBusy(ReadOnlySpan<Destination> candidates, TimeSpan slowStart)
    {
        double least = double.MaxValue;
        foreach (Destination candidate in candidates)
        {
            least = Math.Min(least, Load(candidate, slowStart));
        }

        // Of those that are equal any, or the first in the list would have all requests that come one by one.
        double total = 0;
        Destination? chosen = null;
        foreach (Destination candidate in candidates)
        {
            if (Load(candidate, slowStart) <= least)
            {
                double share = candidate.ShareOf(slowStart);
                total += share;
                if (chosen is null || Random.Shared.NextDouble() * total < share)
                {
                    chosen = candidate;
                }
            }
        }

        // The loads change all the time.
        return chosen ?? AtRandom(candidates, slowStart, except: null);
    }

    private static Destination AtRandom(ReadOnlySpan<Destination> candidates, TimeSpan slowStart, Destination? except)
    {
        double total = 0;
        Destination? chosen = null;
        foreach (Destination candidate in candidates)
        {
            if (candidate != except)
            {
                double share = candidate.ShareOf(slowStart);
                total += share;
                if (chosen is null || Random.Shared.NextDouble() * total < share)
                {
                    chosen = candidate;
                }
            }
        }

        return chosen!;
    }

    private static double Load(Destination destination, TimeSpan slowStart) => destination.Running / destination.ShareOf(slowStart);
}
