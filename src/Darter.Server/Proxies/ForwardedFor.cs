using Microsoft.Extensions.Primitives;

namespace Darter.Server.Proxies;

/// <summary>X-Forwarded-For, read as uvicorn does.</summary>
internal static class ForwardedFor
{
    /// <summary>
    /// The client: the right-most address that is no trusted proxy's, since each proxy appends what it saw; if all are
    /// trusted, the first. What is no address counts as one that is not trusted. Empty: nothing usable.
    /// </summary>
    internal static ReadOnlySpan<char> ClientOf(StringValues values, TrustedAddresses trusted)
    {
        ReadOnlySpan<char> first = default;
        for (int i = values.Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<char> rest = values[i];
            while (true)
            {
                int comma = rest.LastIndexOf(',');
                first = rest[(comma + 1)..].Trim();
                if (!trusted.TrustsAll && !trusted.Contains(first))
                {
                    return first;
                }

                if (comma < 0)
                {
                    break;
                }

                rest = rest[..comma];
            }
        }

        return first;
    }
}
