using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Protocols;

/// <summary>The response: a head, written when the body begins, and the body.</summary>
internal abstract partial class Exchange : IHttpResponseFeature, IHttpResponseBodyFeature
{
    private readonly ResponseWriter _writer;
    private readonly HeaderDictionary _responseHeaders = [];
    private string? _reasonPhrase;
    private int _statusCode = StatusCodes.Status200OK;
    private Stream? _responseStream;
    private long _length = -1;
    private long _written;

    /// <summary>Whether its head is written.</summary>
    internal bool HasStarted { get; private set; }

    /// <summary>Whether the body is not to be sent (RFC 9110, sections 9.3.2, 15.3.5 and 15.4.5).</summary>
    internal bool HasNoBody { get; private set; }

    /// <summary>Where head and body go.</summary>
    protected internal abstract PipeWriter Output { get; }

    /// <summary>Whether the connection is to end with this response.</summary>
    protected bool ClosesConnection { get; private set; }

    /// <summary>How the protocol wants the status line.</summary>
    protected abstract ResponseHeadForm HeadForm { get; }

    int IHttpResponseFeature.StatusCode
    {
        get => _statusCode;
        set => _statusCode = HasStarted ? throw Started() : value;
    }

    string? IHttpResponseFeature.ReasonPhrase
    {
        get => _reasonPhrase;
        set => _reasonPhrase = HasStarted ? throw Started() : value;
    }

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => _responseHeaders;
        set => throw new NotSupportedException("The fields are set one by one.");
    }

    Stream IHttpResponseFeature.Body
    {
        get => ((IHttpResponseBodyFeature)this).Stream;
        set => throw new NotSupportedException("The body is written to the connection.");
    }

    bool IHttpResponseFeature.HasStarted => HasStarted;

    Stream IHttpResponseBodyFeature.Stream => _responseStream ??= _writer.AsStream(leaveOpen: true);

    PipeWriter IHttpResponseBodyFeature.Writer => _writer;

    void IHttpResponseFeature.OnStarting(Func<object, Task> callback, object state) =>
        throw new NotSupportedException("There is no middleware that would change a response late.");

    void IHttpResponseFeature.OnCompleted(Func<object, Task> callback, object state) =>
        throw new NotSupportedException("The application gets its context back when the response is complete.");

    void IHttpResponseBodyFeature.DisableBuffering()
    {
        // Nothing is buffered beyond what a flush sends.
    }

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken)
    {
        Start();
        return Task.CompletedTask;
    }

    async Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        await SendFileFallback.SendFileAsync(((IHttpResponseBodyFeature)this).Stream, path, offset, count, cancellationToken).ConfigureAwait(false);

    Task IHttpResponseBodyFeature.CompleteAsync() => EndResponseAsync().AsTask();

    /// <summary>Begins the response anew, with a status and nothing else.</summary>
    internal void Clear(int status)
    {
        _statusCode = status;
        _reasonPhrase = null;
        _responseHeaders.Clear();
        _responseHeaders.ContentLength = 0;
    }

    /// <summary>Writes the head, once.</summary>
    /// <exception cref="InvalidOperationException">A field cannot be sent.</exception>
    internal void Start()
    {
        if (HasStarted || IsBroken)
        {
            return;
        }

        HasNoBody = HttpMethods.IsHead(_request.Method) || _statusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified;
        _length = HasNoBody ? -1 : _responseHeaders.ContentLength ?? -1;
        ClosesConnection = _responseHeaders.ContainsKey("Connection");
        ResponseHead.Check(_reasonPhrase, _responseHeaders);
        HasStarted = true;
        ResponseHead.Write(Output, HeadForm, _statusCode, _reasonPhrase, _responseHeaders);
    }

    /// <summary>Counts bytes of the body before they are written.</summary>
    /// <exception cref="InvalidOperationException">They are more than Content-Length says.</exception>
    internal void Count(int bytes)
    {
        _written += bytes;
        if (_length >= 0 && _written > _length)
        {
            throw new InvalidOperationException($"Response Content-Length mismatch: too many bytes written ({_written} of {_length}).");
        }
    }

    /// <summary>All of the body was written: what is left goes to the connection.</summary>
    internal async ValueTask EndResponseAsync()
    {
        if (_aborted.IsCancellationRequested)
        {
            // Nobody waits for it.
            return;
        }

        Start();
        if (!IsBroken && _length >= 0 && _written < _length)
        {
            // Nobody shall wait for the rest.
            Break();
        }

        if (!IsBroken)
        {
            await FinishAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends what is left, and what the protocol has at the end of a response.</summary>
    protected abstract ValueTask FinishAsync();

    private static InvalidOperationException Started() => new("The response has started already.");
}
