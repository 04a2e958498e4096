using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>What a stored answer's fields say of its age.</summary>
internal sealed class AgeText(long seconds, long remaining)
{
    /// <summary>The age in seconds.</summary>
    internal long Seconds { get; } = seconds;

    /// <summary>Age.</summary>
    internal StringValues Age { get; } = seconds.ToString(CultureInfo.InvariantCulture);

    /// <summary>Cache-Status (RFC 9211) of an answer that comes from the store.</summary>
    internal StringValues Status { get; } = string.Create(CultureInfo.InvariantCulture, $"Darter; hit; ttl={remaining}");
}
