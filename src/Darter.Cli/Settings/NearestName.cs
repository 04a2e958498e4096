namespace Darter.Cli.Settings;

/// <summary>Finds what somebody who mistyped a name probably meant.</summary>
internal static class NearestName
{
    /// <summary>
    /// Returns the known name with the fewest changed, missing, added or swapped characters, or null if all differ in more
    /// than <paramref name="most"/> (by default a third of the name). A name that begins with what was typed counts as near.
    /// </summary>
    internal static string? Find(string name, IEnumerable<string> known, int? most = null)
    {
        int limit = most ?? Math.Max(1, (name.Length + 1) / 3);
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string candidate in known)
        {
            int distance = Distance(name, candidate);
            if (most is null && name.Length >= 5 && candidate.StartsWith(name, StringComparison.Ordinal))
            {
                distance = Math.Min(distance, 1);
            }

            if (distance <= limit && distance < least)
            {
                (nearest, least) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>The distance of Damerau and Levenshtein, without changes inside a swapped pair.</summary>
    internal static int Distance(string a, string b)
    {
        int[] before = new int[b.Length + 1], last = new int[b.Length + 1], row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, last, row) = (last, row, before);
        }

        return last[b.Length];
    }
}
