using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Tls;

/// <summary>
/// Breaks a request of HTTP/3 off whose response has a field that the server cannot encode: it would find that out with locks held,
/// and break off within them, see <see cref="DecoupledConnection"/>. HTTP/1.1 and HTTP/2 have no such limit.
/// </summary>
/// <param name="logger">The operator's log.</param>
internal sealed partial class ResponseFields(ILogger logger)
{
    /// <summary>Characters of a name and its value: what the server has room for (16384 bytes), but for the lengths before them.</summary>
    internal const int Longest = 16_000;

    /// <summary>Looks at the fields of a response as soon as it begins.</summary>
    internal void Watch(IFeatureCollection request) =>
        request.GetRequiredFeature<IHttpResponseFeature>().OnStarting(static state => ((Started)state).Check(), new Started(this, request));

    /// <summary>Looks at those that come after the body, of which all are known.</summary>
    internal void CheckTrailers(IFeatureCollection request)
    {
        if (request.Get<IHttpResponseTrailersFeature>()?.Trailers is { Count: > 0 } trailers)
        {
            Check(request, trailers);
        }
    }

    private void Check(IFeatureCollection request, IHeaderDictionary fields)
    {
        foreach (KeyValuePair<string, StringValues> field in fields)
        {
            foreach (string? value in field.Value)
            {
                if (field.Key.Length + (value?.Length ?? 0) is var length and > Longest)
                {
                    Log.TooLong(logger, field.Key, length, request.Get<IHttpRequestFeature>()?.Path, Longest);
                    request.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
                    return;
                }
            }
        }
    }

    private sealed class Started(ResponseFields fields, IFeatureCollection request)
    {
        internal Task Check()
        {
            fields.Check(request, request.GetRequiredFeature<IHttpResponseFeature>().Headers);
            return Task.CompletedTask;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The response to {Path} is broken off: its field {Name} has {Length} characters, and with HTTP/3 (--http3) there can be {Longest}")]
        internal static partial void TooLong(ILogger logger, string name, int length, string? path, int longest);
    }
}
