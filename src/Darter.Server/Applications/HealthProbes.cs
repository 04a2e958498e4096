using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>The paths at which the front says how it is, answered by itself however busy the workers are.</summary>
internal sealed class HealthProbes(HealthConfig config, ServerHealth health) : IFrontHandler
{
    private static readonly byte[] Live = "{\"status\":\"live\"}\n"u8.ToArray();
    private static readonly byte[] Ready = "{\"status\":\"ready\"}\n"u8.ToArray();

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        if (!TryAnswer(request.RawTarget, out bool isWell, out byte[] body))
        {
            return null;
        }

        return HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            ? AnswerAsync(features, isWell, HttpMethods.IsHead(request.Method), body)
            : PlainAnswer.WriteAsync(features, StatusCodes.Status405MethodNotAllowed);
    }

    /// <summary>The answer to a request for one of the paths: whether all is well, and the body.</summary>
    internal bool TryAnswer(string target, out bool isWell, out byte[] body)
    {
        if (Matches(target, config.ReadyPath))
        {
            isWell = health.IsReady;
            body = isWell ? Ready : NotWell("not ready");
            return true;
        }

        if (Matches(target, config.LivePath))
        {
            isWell = health.IsLive;
            body = isWell ? Live : NotWell("not live");
            return true;
        }

        isWell = false;
        body = [];
        return false;
    }

    private static async Task<long> AnswerAsync(IFeatureCollection features, bool isWell, bool isHead, byte[] body)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.Headers.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentLength = body.Length;
        if (isHead)
        {
            return 0;
        }

        await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(body).ConfigureAwait(false);
        return body.Length;
    }

    // Reasons are texts of our own, which need no escaping.
    private byte[] NotWell(string status) => Encoding.ASCII.GetBytes($"{{\"status\":\"{status}\",\"reason\":\"{health.Reason}\"}}\n");

    private static bool Matches(string target, string? path) =>
        path is not null
        && target.StartsWith(path, StringComparison.Ordinal)
        && (target.Length == path.Length || target[path.Length] == '?');
}
