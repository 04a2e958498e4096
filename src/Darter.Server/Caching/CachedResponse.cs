using System.IO.Pipelines;
using Darter.Server.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>
/// The response to a request that goes on to somebody else in the front, who takes it for the client's: the cache sees its head before the
/// client does, and may send a stored answer in its place, whatever comes then.
/// </summary>
internal sealed class CachedResponse : IHttpResponseFeature, IHttpResponseBodyFeature, IClientOnlyFields, IHoldOwner
{
    private readonly CacheExchange _exchange;
    private readonly ICacheLookup _lookup;
    private readonly IHttpResponseFeature _client;
    private readonly IHttpResponseBodyFeature _body;
    private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();
    private readonly TaskCompletionSource<long> _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IHeldAnswer? _replacement;
    private PipeWriter? _writer;

    internal CachedResponse(in CacheExchange exchange, ICacheLookup lookup)
    {
        _exchange = exchange;
        _lookup = lookup;
        _client = exchange.Response;
        _body = exchange.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        Stream = new CachedResponseStream(this);
    }

    /// <summary>Whether a stored answer takes its place.</summary>
    internal bool IsReplaced => _replacement is not null;

    /// <inheritdoc/>
    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    /// <inheritdoc/>
    public string? ReasonPhrase { get; set; }

    /// <inheritdoc/>
    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    /// <inheritdoc/>
    public bool HasStarted { get; private set; }

    /// <inheritdoc/>
    public StringValues SetCookie { get; set; }

    /// <inheritdoc/>
    public Stream Stream { get; }

    /// <inheritdoc/>
    public PipeWriter Writer => _writer ??= PipeWriter.Create(Stream, new StreamPipeWriterOptions(leaveOpen: true));

    /// <inheritdoc/>
    [Obsolete("As the interface has it.")]
    public Stream Body
    {
        get => Stream;
        set => throw new NotSupportedException();
    }

    string IHoldOwner.ClientAddress => "";

    /// <summary>Takes the place of the server's own.</summary>
    internal void Install(FeatureCollection features)
    {
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
        features.Set<IClientOnlyFields>(this);
    }

    /// <inheritdoc/>
    public void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

    /// <inheritdoc/>
    public void OnCompleted(Func<object, Task> callback, object state) => _client.OnCompleted(callback, state);

    /// <inheritdoc/>
    public void DisableBuffering() => _body.DisableBuffering();

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await ShowHeadAsync().ConfigureAwait(false);
        if (!IsReplaced)
        {
            await _body.StartAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    /// <inheritdoc/>
    public async Task CompleteAsync()
    {
        if (_writer is not null)
        {
            await _writer.FlushAsync().ConfigureAwait(false);
        }

        await ShowHeadAsync().ConfigureAwait(false);
    }

    /// <summary>Writes a piece of the body.</summary>
    internal async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await ShowHeadAsync().ConfigureAwait(false);
        if (_replacement is { } replacement)
        {
            replacement.OnBody(bytes.Span);
            return;
        }

        _lookup.OnBody(bytes.Span);
        await _body.Stream.WriteAsync(bytes, cancellation).ConfigureAwait(false);
    }

    /// <summary>Has the client see what there is.</summary>
    internal async Task FlushAsync(CancellationToken cancellation)
    {
        await ShowHeadAsync().ConfigureAwait(false);
        if (!IsReplaced)
        {
            await _body.Stream.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>All was written without a failure; the bytes of the body.</summary>
    internal async Task<long> FinishAsync(long bytes)
    {
        await CompleteAsync().ConfigureAwait(false);
        if (IsReplaced)
        {
            return await SendReplacementAsync().ConfigureAwait(false);
        }

        if (_exchange.Features.Get<IHttpResponseTrailersFeature>() is { Trailers.Count: > 0 })
        {
            // They are not kept, so that the rest would be a part.
            _lookup.Refuse();
        }
        else
        {
            _lookup.OnEnd();
        }

        return bytes;
    }

    /// <summary>Sends the stored answer; the bytes of its body.</summary>
    internal Task<long> SendReplacementAsync()
    {
        _replacement!.OnBodyEnd();
        return _sent.Task;
    }

    void IHoldOwner.OnHoldProgress()
    {
        // Nothing waits for it: what is not sent is dropped at once.
    }

    void IHoldOwner.RefuseHold(int status, string? cause) => _sent.TrySetException(new IOException(cause ?? "The stored answer cannot be sent."));

    void IHoldOwner.OnHoldEnded(long bytes, RequestEnd end)
    {
        if (end == RequestEnd.Complete)
        {
            _sent.TrySetResult(bytes);
        }
        else
        {
            _sent.TrySetException(new OperationCanceledException("The client has left."));
        }
    }

    /// <summary>The head is complete: the cache sees it, and then it is the client's.</summary>
    private ValueTask ShowHeadAsync()
    {
        if (HasStarted)
        {
            return ValueTask.CompletedTask;
        }

        if (_starting.Count > 0)
        {
            return CallStartingAsync();
        }

        ShowHead();
        return ValueTask.CompletedTask;
    }

    private async ValueTask CallStartingAsync()
    {
        while (_starting.TryPop(out (Func<object, Task> Callback, object State) starting))
        {
            await starting.Callback(starting.State).ConfigureAwait(false);
        }

        ShowHead();
    }

    private void ShowHead()
    {
        HasStarted = true;
        _replacement = _lookup.OnHead(_exchange with { Response = this }, this);
        _client.StatusCode = StatusCode;
        _client.ReasonPhrase = ReasonPhrase;
        foreach ((string name, StringValues values) in Headers)
        {
            _client.Headers[name] = values;
        }

        if (SetCookie.Count > 0 && !IsReplaced)
        {
            _client.Headers.SetCookie = StringValues.Concat(_client.Headers.SetCookie, SetCookie);
        }
    }
}
