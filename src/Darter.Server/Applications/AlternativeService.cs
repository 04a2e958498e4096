using System.Globalization;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>What responses over other versions of HTTP say: that there is HTTP/3, too (RFC 9114, section 3.1.1; RFC 7838).</summary>
internal static class AlternativeService
{
    private static volatile Field _last = new(0, "");

    /// <summary>Has the response say so, unless the application says something itself.</summary>
    /// <param name="config">The front's settings.</param>
    /// <param name="request">The request.</param>
    /// <param name="response">Its response.</param>
    /// <param name="port">The port that the client reached, or 0.</param>
    internal static void Announce(ServerConfig config, IHttpRequestFeature request, IHttpResponseFeature response, ushort port)
    {
        int announced = config.Http3Port > 0 ? config.Http3Port : port;
        if (announced == 0 || request.Scheme != "https" || request.Protocol == "HTTP/3")
        {
            return;
        }

        Field field = _last;
        if (field.Port != announced)
        {
            _last = field = new Field(announced, string.Create(CultureInfo.InvariantCulture, $"h3=\":{announced}\"; ma=86400"));
        }

        response.OnStarting(
            static state =>
            {
                (IHttpResponseFeature response, string text) = ((IHttpResponseFeature, string))state;
                if (response.Headers.AltSvc.Count == 0)
                {
                    response.Headers.AltSvc = text;
                }

                return Task.CompletedTask;
            },
            (response, field.Text));
    }

    private sealed record Field(int Port, string Text);
}
