using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Development;

/// <summary>
/// Has browsers fetch a page again when what it is made of has changed. Pages get a script, which listens to a stream of
/// server-sent events of the front's own: it outlives the workers.
/// </summary>
public sealed class LiveReload : IFrontHandler, IPageExtension
{
    private const string ScriptPath = "/__darter__/live.js";
    private const string EventsPath = "/__darter__/live";

    private static readonly byte[] s_script = Encoding.UTF8.GetBytes(LiveReloadScript.Text);

    private readonly Lock _gate = new();

    // Another one after a restart of the server: pages of before are out of date.
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private int _version = 1;
    private int _styles;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    /// <inheritdoc/>
    byte[] IPageExtension.Tag => Encoding.ASCII.GetBytes($"\n<script src=\"{ScriptPath}\" data-version=\"{Version}\" async></script>\n");

    private string Version => string.Create(CultureInfo.InvariantCulture, $"{_run}.{Volatile.Read(ref _version)}");

    /// <summary>Pages are to be fetched again. Any thread.</summary>
    public void Reload() => Announce(() => _version++);

    /// <summary>Style sheets are to be fetched again. Any thread.</summary>
    public void ReloadStyles() => Announce(() => _styles++);

    /// <inheritdoc/>
    bool IPageExtension.AsksForPage(IHttpRequestFeature request) =>
        request.Headers["Sec-Fetch-Dest"] is { Count: > 0 } destination
            ? destination[0] is "document" or "iframe" or "frame"
            : request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    bool IPageExtension.IsOwn(IHttpRequestFeature request) => IsOwn(request);

    /// <summary>Ends the streams, since the server stops.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
            _next.TrySetResult();
        }
    }

    /// <inheritdoc/>
    Task<long>? IFrontHandler.TryHandle(IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        if (!IsOwn(request))
        {
            return null;
        }

        string path = request.RawTarget.Split('?')[0];
        return path == ScriptPath && HttpMethods.IsGet(request.Method) ? SendScriptAsync(features)
            : path == EventsPath && HttpMethods.IsGet(request.Method) ? SendEventsAsync(features)
            : null;
    }

    private static bool IsOwn(IHttpRequestFeature request) => request.RawTarget.StartsWith(EventsPath, StringComparison.Ordinal);

    private static async Task<long> SendScriptAsync(IFeatureCollection features)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.Headers.ContentType = "text/javascript; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentLength = s_script.Length;
        await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(s_script).ConfigureAwait(false);
        return s_script.Length;
    }

    private async Task<long> SendEventsAsync(IFeatureCollection features)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        IHttpResponseBodyFeature body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        CancellationToken gone = features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        response.Headers.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        long sent = 0;
        while (true)
        {
            byte[] bytes;
            Task next;
            lock (_gate)
            {
                if (_ended)
                {
                    return sent;
                }

                // The whole state each time: what a browser missed does not matter.
                bytes = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: 500\ndata: {Version} {_styles}\n\n"));
                next = _next.Task;
            }

            await body.Writer.WriteAsync(bytes, gone).ConfigureAwait(false);
            sent += bytes.Length;
            await next.WaitAsync(gone).ConfigureAwait(false);
        }
    }

    private void Announce(Action change)
    {
        lock (_gate)
        {
            change();
            if (!_ended)
            {
                TaskCompletionSource present = _next;
                _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                present.SetResult();
            }
        }
    }
}
