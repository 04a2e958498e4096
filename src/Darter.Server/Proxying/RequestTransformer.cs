using System.Collections.Frozen;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Darter.Server.Proxying;

/// <summary>Makes a destination's request of a client's, and a client's response of a destination's. One for each attempt.</summary>
internal sealed class RequestTransformer(Upstream upstream, UpstreamConfig config, Destination destination, string target, bool? https) : HttpTransformer
{
    // What a message cannot do without, or is of no use to anybody but its recipient, cannot be taken out of it in this way.
    private static readonly FrozenSet<string> s_kept = FrozenSet.ToFrozenSet(
        ["Close", "Keep-Alive", "Upgrade", "Host", "Content-Length", "Content-Type", "Content-Encoding", "Authorization", "Cookie", "Set-Cookie"],
        StringComparer.OrdinalIgnoreCase);

    private static readonly UriCreationOptions s_asItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>What went wrong with the body after the head was sent.</summary>
    internal Exception? BodyFailure { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        // Copies the fields, but for those that YARP knows to be the connection's.
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        IHeaderDictionary given = httpContext.Request.Headers;
        if (given.Connection is { Count: > 0 } options)
        {
            RemoveNominated(options, name => Remove(proxyRequest, name));
        }

        if (given.ContainsKey("Expect"))
        {
            // The front has answered it, or will when the destination takes the body (RFC 9110, section 10.1.1).
            proxyRequest.Headers.Remove("Expect");
        }

        upstream.Site.Fields.Write(httpContext, proxyRequest, https);
        DestinationConfig to = destination.State.Model.Config;
        bool isHttps = to.Address.StartsWith("https:", StringComparison.Ordinal);
        if (!(config.PassHost ?? !isHttps))
        {
            proxyRequest.Headers.Host = ClusterMap.HostOf(to);
        }

        // As the client wrote it: decoded and encoded again it might be another.
        Uri.TryCreate(destinationPrefix + target, s_asItIs, out Uri? uri);
        proxyRequest.RequestUri = uri;
        ConnectionTarget.Set(proxyRequest, to, config);
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        bool copies = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken).ConfigureAwait(false);
        if (proxyResponse is null)
        {
            return copies;
        }

        if (proxyResponse.Headers.NonValidated.TryGetValues("Connection", out HeaderStringValues options))
        {
            RemoveNominated(new StringValues([.. options]), name => httpContext.Response.Headers.Remove(name));
        }

        if (upstream.Cluster.Model.Config.SessionAffinity is { } affinity)
        {
            StringValues cookies = httpContext.Response.Headers.SetCookie;
            await upstream.Site.Affinity.AffinitizeResponseAsync(httpContext, upstream.Cluster, affinity, destination.State, cancellationToken).ConfigureAwait(false);
            if (httpContext.Response.Headers.SetCookie is { } all && all.Count > cookies.Count && httpContext.Features.Get<IClientOnlyFields>() is { } own)
            {
                // Who else gets the answer from the cache does not belong to this destination.
                own.SetCookie = all[^1];
                httpContext.Response.Headers.SetCookie = cookies;
            }
        }

        bool isTunnel = proxyResponse.StatusCode == HttpStatusCode.SwitchingProtocols || proxyResponse.RequestMessage?.Method == HttpMethod.Connect;
        if (proxyResponse.Content.Headers.ContentLength is null && !isTunnel)
        {
            await ShowHeadAsync(httpContext, proxyResponse.Content, cancellationToken).ConfigureAwait(false);
        }

        return copies;
    }

    /// <summary>
    /// YARP sends the head with the first bytes of the body. A stream of events whose first one is long in coming must not keep
    /// its client waiting that long. What has no body and trailers, as gRPC's errors, is complete at once and goes as one.
    /// </summary>
    private async ValueTask ShowHeadAsync(HttpContext context, HttpContent content, CancellationToken cancellation)
    {
        Stream body = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        ValueTask<int> something = body.ReadAsync(Memory<byte>.Empty, cancellation);
        if (something.IsCompleted)
        {
            await something.ConfigureAwait(false);
            return;
        }

        Exception? failure = null;
        try
        {
            await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        try
        {
            // Also then: whoever gets the body next must not find it being read.
            await something.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure ??= exception;
        }

        if (failure is not null)
        {
            BodyFailure = failure;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>What Connection names is for the next node only (RFC 9110, section 7.6.1).</summary>
    private static void RemoveNominated(StringValues options, Action<string> remove)
    {
        foreach (string? line in options)
        {
            foreach (string option in line?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
            {
                if (!s_kept.Contains(option))
                {
                    remove(option);
                }
            }
        }
    }

    private static void Remove(HttpRequestMessage request, string name)
    {
        if (request.Headers.NonValidated.Contains(name))
        {
            request.Headers.Remove(name);
        }
        else if (request.Content?.Headers.NonValidated.Contains(name) == true)
        {
            request.Content.Headers.Remove(name);
        }
    }
}
