using System.IO.Pipelines;
using Darter.Server.Observability;
using Darter.Transport;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Hub;

/// <summary>To the client by the HTTP server.</summary>
internal sealed class HttpOutput : IHeldOutput
{
    private readonly HeldConnection _held;
    private readonly IHttpResponseBodyFeature _body;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly IDetachableOwner? _detachable;
    private readonly IDetachFeature? _connection;

    // HTTP/1.0 has no chunks: there the body ends with the connection.
    private readonly bool _isChunked;

    internal HttpOutput(HeldConnection held, IFeatureCollection features, IHoldOwner owner)
    {
        _held = held;
        Owner = owner;
        Response = features.GetRequiredFeature<IHttpResponseFeature>();
        _body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _detachable = owner as IDetachableOwner;
        _connection = _detachable?.OwnConnection;
        _isChunked = features.GetRequiredFeature<IHttpRequestFeature>().Protocol == "HTTP/1.1";
    }

    /// <summary>The request.</summary>
    internal IHoldOwner Owner { get; }

    /// <summary>The head, until it is out.</summary>
    internal IHttpResponseFeature Response { get; }

    /// <summary>Whether <see cref="TryDetach"/> may succeed at some time.</summary>
    internal bool MayDetach => _connection is not null;

    /// <inheritdoc/>
    public bool IsStarted { get; private set; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Start();
        System.Buffers.BuffersExtensions.Write(_body.Writer, bytes);
    }

    /// <inheritdoc/>
    public HeldFlush Flush()
    {
        Start();
        ValueTask<FlushResult> flush = _body.Writer.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            _ = AwaitAsync(flush);
            return HeldFlush.Waiting;
        }

        return flush.Result is { IsCompleted: true } or { IsCanceled: true } ? HeldFlush.Broken : HeldFlush.Done;
    }

    /// <inheritdoc/>
    public void BreakOff() => _lifetime.Abort();

    /// <inheritdoc/>
    public void End(long bytes, RequestEnd end) => Owner.OnHoldEnded(bytes, end);

    /// <summary>
    /// Announces with the head that the connection ends with the response, if it is to be detached: a request that the client
    /// sends behind this one would not be read.
    /// </summary>
    internal void PrepareToDetach()
    {
        if (_connection is not null)
        {
            Response.Headers.Connection = "close";
        }
    }

    /// <summary>
    /// Takes the connection from the HTTP server, which has several KiB for each: after that the request is over for it. Null:
    /// not now, or never.
    /// </summary>
    internal DetachedOutput? TryDetach(HeldBatch batch)
    {
        if (_connection is null)
        {
            return null;
        }

        DetachedOutput output = new(_held, batch, _isChunked);
        if (_connection.TryDetach(output) is not { } socket)
        {
            return null;
        }

        output.Begin(socket, _detachable!.OnHoldDetached());
        return output;
    }

    private void Start()
    {
        if (IsStarted)
        {
            return;
        }

        IsStarted = true;
        Task start = _body.StartAsync();
        if (!start.IsCompletedSuccessfully)
        {
            // Only when the client is gone, which the flush finds out, too.
            _ = start.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }
    }

    private async Task AwaitAsync(ValueTask<FlushResult> flush)
    {
        bool isBroken;
        try
        {
            FlushResult result = await flush.ConfigureAwait(false);
            isBroken = result.IsCompleted || result.IsCanceled;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            isBroken = true;
        }

        _held.OnFlushed(isBroken);
    }
}
