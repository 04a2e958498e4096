using System.Text;
using Darter.Server.Configuration.Routes;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Routing;

/// <summary>Sends clients elsewhere.</summary>
internal sealed class Redirect(RedirectAction action)
{
    /// <summary>Answers a request.</summary>
    internal Task<long> AnswerAsync(in RouteHit hit, IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.Location = LocationOf(hit, request);
        return PlainAnswer.WriteAsync(features, action.Status);
    }

    private string LocationOf(in RouteHit hit, IHttpRequestFeature request)
    {
        string to = action.To;
        StringBuilder location = new();
        for (int i = 0; i < to.Length; i++)
        {
            ReadOnlySpan<char> left = to.AsSpan(i);
            if (left[0] == '*')
            {
                location.Append(RoutePath.Encode(hit.Rest)).Append(RoutePath.QueryOf(request.RawTarget));
            }
            else if (left.StartsWith("{host}", StringComparison.Ordinal))
            {
                location.Append(HostIn(request));
                i += "{host}".Length - 1;
            }
            else if (left.StartsWith("{uri}", StringComparison.Ordinal))
            {
                location.Append(RequestTarget.Reduce(request.RawTarget));
                i += "{uri}".Length - 1;
            }
            else if (hit.Captures?.TryTake(left, out string captured, out int length) == true)
            {
                location.Append(RoutePath.Encode(captured));
                i += length - 1;
            }
            else
            {
                location.Append(left[0]);
            }
        }

        // Two slashes would name another host (RFC 3986, section 4.2), which is for the configuration to say and not for the request.
        string result = location.ToString();
        return result.StartsWith("//", StringComparison.Ordinal) && !to.StartsWith("//", StringComparison.Ordinal) ? $"/{result.TrimStart('/')}" : result;
    }

    /// <summary>The host, if it is one that can stand in an address.</summary>
    private static string HostIn(IHttpRequestFeature request)
    {
        string host = RouteQuery.HostOf(request.Headers.Host.ToString());
        return Uri.CheckHostName(host.Trim('[', ']')) == UriHostNameType.Unknown ? "" : host;
    }
}
