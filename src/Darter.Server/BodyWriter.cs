using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Writes the body of one response, bytes and regions of files, in memory that does not grow with it.</summary>
internal sealed partial class BodyWriter
{
    // As of other responses: a client that takes nothing in this time has left without saying so.
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(60);

    private readonly IFeatureCollection _features;
    private readonly IHttpResponseBodyFeature _body;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly TimeProvider _time;

    /// <param name="features">The request's.</param>
    /// <param name="time">For the time limit.</param>
    internal BodyWriter(IFeatureCollection features, TimeProvider time)
    {
        _features = features;
        _body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _time = time;
    }

    /// <summary>Bytes written.</summary>
    internal long Written { get; private set; }

    /// <summary>Whether the client has left, so that nothing needs to be written any more.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>The response's pipe.</summary>
    internal PipeWriter Pipe => _body.Writer;

    /// <summary>Writes bytes; false: the client has left.</summary>
    internal ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        ValueTask<FlushResult> flush = _body.Writer.WriteAsync(bytes);
        if (!flush.IsCompletedSuccessfully)
        {
            return AwaitAsync(flush, bytes.Length);
        }

        return new ValueTask<bool>(Count(flush.Result, bytes.Length));
    }

    private async ValueTask<bool> AwaitAsync(ValueTask<FlushResult> flush, int count)
    {
        try
        {
            FlushResult result = await flush.AsTask().WaitAsync(WriteTimeout, _time).ConfigureAwait(false);
            return Count(result, count);
        }
        catch (TimeoutException)
        {
            _lifetime.Abort();
            IsGone = true;
            return false;
        }
    }

    private bool Count(FlushResult result, int count)
    {
        IsGone = result.IsCompleted || result.IsCanceled;
        if (!IsGone)
        {
            Written += count;
        }

        return !IsGone;
    }
}
