using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>What each response over https says: that the client is to use nothing else (HSTS, RFC 6797).</summary>
internal static class HttpsOnlyField
{
    /// <summary>Has the response say so if it goes over https: over http anybody could have written it (section 7.2).</summary>
    internal static void Announce(string policy, IHttpRequestFeature request, IHttpResponseFeature response)
    {
        if (request.Scheme == "https")
        {
            response.OnStarting(
                static state =>
                {
                    // An application that has a policy of its own keeps it.
                    (IHttpResponseFeature response, string policy) = ((IHttpResponseFeature, string))state;
                    if (response.Headers.StrictTransportSecurity.Count == 0)
                    {
                        response.Headers.StrictTransportSecurity = policy;
                    }

                    return Task.CompletedTask;
                },
                (response, policy));
        }
    }
}
