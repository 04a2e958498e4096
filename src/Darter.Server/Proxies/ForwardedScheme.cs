using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Proxies;

/// <summary>What the fields of a trusted proxy say about the client's scheme.</summary>
internal static class ForwardedScheme
{
    /// <summary>
    /// By Gunicorn's secure_scheme_headers, for WSGI applications: https if a field has the value that says so, http if it
    /// has another; null if there is none. False: the fields contradict each other.
    /// </summary>
    internal static bool TryRead(IHeaderDictionary headers, IReadOnlyList<KeyValuePair<string, string>> fields, out bool? https)
    {
        https = null;
        for (int i = 0; i < fields.Count; i++)
        {
            StringValues values = headers[fields[i].Key];
            for (int j = 0; j < values.Count; j++)
            {
                bool secure = values[j] == fields[i].Value;
                if (https is { } before && before != secure)
                {
                    return false;
                }

                https = secure;
            }
        }

        return true;
    }

    /// <summary>By X-Forwarded-Proto alone, as uvicorn, for ASGI applications; null if it says nothing that is known.</summary>
    internal static bool? Read(IHeaderDictionary headers) => headers["X-Forwarded-Proto"] is { Count: > 0 } values
        ? values[^1] switch
        {
            "https" or "wss" => true,
            "http" or "ws" => false,
            _ => null,
        }
        : null;
}
