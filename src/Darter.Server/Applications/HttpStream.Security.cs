using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>What each response over https says: that the client is to use nothing else (HSTS, RFC 6797).</summary>
internal sealed partial class HttpStream
{
    private void AnnounceHttpsOnly(string policy)
    {
        // Section 7.2: not over http, where anybody could have written it. An application that has a policy of its own keeps it,
        // and a web server before this one has its own affair with its clients.
        if (_request.Scheme == "https" && _gateway is null)
        {
            IHttpResponseFeature response = _response;
            response.OnStarting(
                static state =>
                {
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
