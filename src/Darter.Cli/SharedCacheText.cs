using System.Globalization;
using Darter.Server.Control;

namespace Darter.Cli;

/// <summary>What <c>darter status</c> says of the values that workers share.</summary>
internal static class SharedCacheText
{
    /// <summary>The lines; none as long as nobody has asked for a value.</summary>
    internal static IEnumerable<string> Describe(SharedCacheStatus cache)
    {
        if (cache.Gets + cache.Sets == 0 && cache.Backend is null)
        {
            yield break;
        }

        CultureInfo culture = CultureInfo.InvariantCulture;
        string where = cache.Backend is null ? string.Create(culture, $"{cache.Values} values, {cache.Bytes / 1048576.0:0.0} of {cache.Size / 1048576.0:0.0} MiB, ") : "";
        string lost = cache.Backend is null ? string.Create(culture, $", {cache.Evicted} evicted") : "";
        string tooLarge = cache.TooLarge == 0 ? "" : string.Create(culture, $", {cache.TooLarge} too large");
        yield return string.Create(culture, $"values      {where}{cache.Hits} hits, {cache.Gets - cache.Hits} misses, {cache.Sets} set{lost}{tooLarge}");
        if (cache.Backend is { } backend)
        {
            yield return $"values in   {backend}";
        }
    }
}
