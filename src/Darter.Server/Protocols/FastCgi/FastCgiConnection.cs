using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>A FastCGI connection: requests one after another, or several at a time, told apart by their ids.</summary>
/// <remarks>
/// Records are read in one flow, mostly on the connection's loop; requests end on any thread. What both touch is guarded by the
/// lock, as is whether the connection is to go on.
/// </remarks>
internal sealed partial class FastCgiConnection(ConnectionContext connection, GatewayListener listener)
{
    // As HTTP/2 has it here.
    private const int MostRequests = 100;

    // Bytes of one request's body that wait for the application before the connection is read no further.
    private const int BodyBuffer = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly PipeReader _input = connection.Transport.Input;
    private readonly FastCgiOutput _output = new(connection.Transport.Output);
    private readonly Dictionary<ushort, FastCgiRequest> _requests = [];
    private readonly PipeOptions _bodyOptions = new(
        connection.Features.Get<IMemoryPoolFeature>()?.MemoryPool, PipeScheduler.Inline, PipeScheduler.Inline, BodyBuffer, BodyBuffer / 2, useSynchronizationContext: false);

    private long _idleSince = Stopwatch.GetTimestamp();
    private TaskCompletionSource? _none;
    private int _running;
    private bool _wasUsed;
    private bool _hasPart;
    private bool _isEnding;
    private bool _isBroken;
    private bool _timedOut;

    /// <summary>The connection's end of the pipeline.</summary>
    internal async Task RunAsync()
    {
        CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(static state => ((FastCgiConnection)state!).EndWhenIdle(), this);
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((FastCgiConnection)state).CheckTime(), this);
        if (connection.Features.Get<IPeerFinishedFeature>() is { } peer)
        {
            peer.PeerFinished = OnPeerFinished;
        }

        try
        {
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The web server left.
        }
        catch (Exception exception)
        {
            listener.OnFailed(exception);
            connection.Abort();
        }

        FailBodies();
        await WaitForNoneAsync().ConfigureAwait(false);
        if (_isBroken)
        {
            // Without its end the response is not whole, and the web server is to see that.
            connection.Abort();
        }
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync().ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            string? malformed = null;
            try
            {
                HeadStatus status;
                RecordHeader header;
                while ((status = RecordHeader.TryRead(buffer, out header)) == HeadStatus.Complete && buffer.Length >= header.RecordSize)
                {
                    malformed = await OnRecordAsync(header, buffer.Slice(RecordHeader.Size, header.ContentLength)).ConfigureAwait(false);
                    if (malformed is not null)
                    {
                        break;
                    }

                    buffer = buffer.Slice(header.RecordSize);
                }

                if (status == HeadStatus.Malformed)
                {
                    malformed = "it has something other than a record of FastCGI 1";
                }
            }
            finally
            {
                _input.AdvanceTo(buffer.Start, result.Buffer.End);
            }

            if (malformed is not null || (result.IsCompleted && !buffer.IsEmpty))
            {
                listener.OnMalformed(malformed ?? "it ends in the middle of a record");
                connection.Abort();
                return;
            }

            _hasPart = !buffer.IsEmpty;
            if (result.IsCompleted || _timedOut || IsDone())
            {
                return;
            }
        }
    }

    /// <summary>Whether nothing is to be read any more.</summary>
    private bool IsDone()
    {
        lock (_gate)
        {
            return _isEnding && _requests.Count == 0;
        }
    }

    /// <summary>Accepts no further requests, and ends when there is none. Any thread.</summary>
    private void EndWhenIdle()
    {
        lock (_gate)
        {
            _isEnding = true;
        }

        _input.CancelPendingRead();
    }

    private void OnPeerFinished()
    {
        FastCgiRequest[] requests;
        lock (_gate)
        {
            requests = [.. _requests.Values];
        }

        foreach (FastCgiRequest request in requests)
        {
            request.Exchange?.OnPeerFinished();
        }
    }

    /// <summary>Nothing more comes: bodies that are not whole will never be.</summary>
    private void FailBodies()
    {
        FastCgiRequest[] requests;
        lock (_gate)
        {
            requests = [.. _requests.Values];
            foreach (FastCgiRequest request in requests)
            {
                if (request.Exchange is null)
                {
                    _requests.Remove(request.Id);
                }
            }
        }

        foreach (FastCgiRequest request in requests)
        {
            // Where the length is known the reader finds out by itself what is missing.
            request.Body?.Complete(request.Variables!.ContentLength is null ? new ConnectionAbortedException("The connection ended within the request body.") : null);
            request.Body = null;
        }
    }

    private Task WaitForNoneAsync()
    {
        lock (_gate)
        {
            if (_running == 0)
            {
                return Task.CompletedTask;
            }

            _none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _none.Task;
        }
    }

    private async Task AnswerAsync(FastCgiRequest request, FastCgiExchange exchange)
    {
        try
        {
            await listener.Runner.RunAsync(exchange).ConfigureAwait(false);
            if (exchange is { IsAborted: true, IsFinished: false })
            {
                _output.WriteEnd(request.Id, ProtocolStatus.RequestComplete, hasOutput: false);
                await _output.FlushAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The web server left.
        }
        catch (Exception exception)
        {
            listener.OnFailed(exception);
        }
        finally
        {
            OnEnded(request, exchange);
        }
    }

    private void OnEnded(FastCgiRequest request, FastCgiExchange exchange)
    {
        bool isOver;
        lock (_gate)
        {
            _requests.Remove(request.Id);
            _isBroken |= exchange is { IsAborted: false, IsFinished: false };
            _isEnding |= _isBroken || !request.KeepsConnection || exchange.EndsConnection;
            isOver = _isEnding && _requests.Count == 0;
            _idleSince = Stopwatch.GetTimestamp();
            if (--_running == 0)
            {
                _none?.TrySetResult();
            }
        }

        if (isOver)
        {
            _input.CancelPendingRead();
        }
    }
}
