using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Darter.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Control;

/// <summary>Answers what comes over the control socket.</summary>
internal sealed partial class ControlApplication(
    ControlConfig config, IServerControl control, ServerHealth health, ILogger logger) : IHttpApplication<IFeatureCollection>
{
    private static readonly TimeSpan LiveLimit = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    /// <inheritdoc/>
    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        ControlResponse response = await AnswerAsync(context).ConfigureAwait(false);
        await response.WriteAsync(context).ConfigureAwait(false);
    }

    private async Task<ControlResponse> AnswerAsync(IFeatureCollection context)
    {
        if (!MayConnect(context.Get<IPeerCredentialsFeature>()?.Peer))
        {
            return ControlResponse.Error(403, "only the server's own user and root may control it");
        }

        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        string method = request.Method == "HEAD" ? "GET" : request.Method;
        try
        {
            return (method, request.Path) switch
            {
                ("GET", "/status") => ControlResponse.Json(200, await control.GetStatusAsync().ConfigureAwait(false), ControlJson.Instance.ServerStatus),
                ("GET", "/livez") => await health.IsLiveAsync(LiveLimit).ConfigureAwait(false)
                    ? ControlResponse.Text(200, "ok")
                    : ControlResponse.Text(503, "an event loop does not answer"),
                ("GET", "/readyz") => ControlResponse.Text(health.IsReady ? 200 : 503, health.IsReady ? "ok" : NameOf(health.State)),
                ("POST", "/reload") => await ReloadAsync().ConfigureAwait(false),
                ("POST", "/scale") => await ScaleAsync(request).ConfigureAwait(false),
                ("POST", "/stop") => await StopAsync(request).ConfigureAwait(false),
                ("POST", "/upgrade") => await UpgradeAsync().ConfigureAwait(false),
                ("GET", "/cache") => await DescribeCacheAsync().ConfigureAwait(false),
                ("POST", "/cache/purge") => await PurgeAsync(request).ConfigureAwait(false),
                (_, "/cache" or "/cache/purge" or "/status" or "/livez" or "/readyz" or "/reload" or "/scale" or "/stop" or "/upgrade") =>
                    ControlResponse.Error(405, $"{request.Path} does not take {request.Method}"),
                _ => ControlResponse.Error(404, $"there is no {request.Path}"),
            };
        }
        catch (JsonException exception)
        {
            return ControlResponse.Error(400, $"the body is not the JSON that {request.Path} takes: {exception.Message}");
        }
    }

    /// <summary>How a state is called.</summary>
    internal static string NameOf(HealthState state) => state switch
    {
        HealthState.Starting => "starting",
        HealthState.Ready => "ready",
        HealthState.NoWorkers => "no workers",
        _ => "draining",
    };

    private bool MayConnect(PeerCredentials? peer)
    {
        if (config.AllowsOthers || peer is { UserId: 0 } || peer?.UserId == UserFolder.UserId)
        {
            return true;
        }

        LogRefused(logger, peer?.ProcessId ?? 0, peer?.UserId);
        return false;
    }

    private async Task<ControlResponse> ReloadAsync()
    {
        ReloadOutcome outcome = await control.ReloadAsync().ConfigureAwait(false);
        return ControlResponse.Json(outcome.Error is null ? 200 : 422, outcome, ControlJson.Instance.ReloadOutcome);
    }

    private async Task<ControlResponse> ScaleAsync(IHttpRequestFeature request)
    {
        ScaleOrder? order = await ReadAsync(request, ControlJson.Instance.ScaleOrder).ConfigureAwait(false);
        return order is not { Workers: >= 1 }
            ? ControlResponse.Error(400, "workers must be at least 1")
            : ControlResponse.Json(200, await control.ScaleAsync(order.Workers).ConfigureAwait(false), ControlJson.Instance.ScaleOutcome);
    }

    private async Task<ControlResponse> DescribeCacheAsync() =>
        (await control.GetStatusAsync().ConfigureAwait(false)).Cache is { } cache
            ? ControlResponse.Json(200, cache, ControlJson.Instance.CacheStatus)
            : ControlResponse.Error(404, "the server has no cache (--cache)");

    private async Task<ControlResponse> PurgeAsync(IHttpRequestFeature request)
    {
        PurgeOrder order = await ReadAsync(request, ControlJson.Instance.PurgeOrder).ConfigureAwait(false) ?? new PurgeOrder();
        PurgeOutcome outcome = await control.PurgeCacheAsync(order).ConfigureAwait(false);
        return outcome.Error is { } error
            ? ControlResponse.Error(400, error)
            : ControlResponse.Json(200, outcome, ControlJson.Instance.PurgeOutcome);
    }

    private async Task<ControlResponse> StopAsync(IHttpRequestFeature request)
    {
        StopOrder? order = request.Headers.ContentLength is > 0 ? await ReadAsync(request, ControlJson.Instance.StopOrder).ConfigureAwait(false) : null;
        control.Stop(order?.Quick ?? false);
        return ControlResponse.Json(202, new StopOutcome(Environment.ProcessId), ControlJson.Instance.StopOutcome);
    }

    private async Task<ControlResponse> UpgradeAsync()
    {
        UpgradeOutcome outcome = await control.UpgradeAsync().ConfigureAwait(false);
        return ControlResponse.Json(outcome.Error is null ? 200 : 422, outcome, ControlJson.Instance.UpgradeOutcome);
    }

    private static ValueTask<T?> ReadAsync<T>(IHttpRequestFeature request, JsonTypeInfo<T> type) =>
        JsonSerializer.DeserializeAsync(request.Body, type);

    [LoggerMessage(410, LogLevel.Warning, "Control socket: refused process {ProcessId} of user id {UserId}")]
    private static partial void LogRefused(ILogger logger, int processId, uint? userId);
}
