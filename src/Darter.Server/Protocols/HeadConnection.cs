using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Darter.Server.Protocols;

/// <summary>A connection of a protocol with one request for each: uwsgi, SCGI.</summary>
internal sealed class HeadConnection(GatewayListener listener, IHeadFormat format)
{
    /// <summary>The connection's end of the pipeline.</summary>
    internal async Task OnConnectionAsync(ConnectionContext connection)
    {
        try
        {
            if (await ReadRequestAsync(connection).ConfigureAwait(false) is { } request)
            {
                HeadExchange exchange = new(connection, request, format.Form);
                Action<object> check = static state => ((HeadExchange)state).CheckRate();
                connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(check, exchange);
                await listener.Runner.RunAsync(exchange).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The web server left, or it was a probe of the port.
        }
        catch (Exception exception)
        {
            listener.OnFailed(exception);
            connection.Abort();
        }
    }

    /// <summary>Reads the head. Null: there is no request.</summary>
    private async Task<CgiRequest?> ReadRequestAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
        ValueTask<ReadResult> read = input.ReadAsync();
        if (read.IsCompletedSuccessfully && TryTake(connection, read.Result, out CgiRequest? request))
        {
            return request;
        }

        using Timer timer = new(
            static state => ((PipeReader)state!).CancelPendingRead(), input, listener.Config.RequestHeaderTimeout, Timeout.InfiniteTimeSpan);
        bool isFirst = read.IsCompletedSuccessfully;
        while (true)
        {
            ReadResult result = isFirst ? await input.ReadAsync().ConfigureAwait(false) : await read.ConfigureAwait(false);
            isFirst = true;
            if (TryTake(connection, result, out request))
            {
                return request;
            }
        }
    }

    /// <summary>Looks at what has come. False: more must come.</summary>
    private bool TryTake(ConnectionContext connection, in ReadResult result, out CgiRequest? request)
    {
        ReadOnlySequence<byte> buffer = result.Buffer;
        request = null;
        HeadStatus status = format.Find(buffer, out int start, out int length, out int end, out string? cause);
        if (status == HeadStatus.Complete)
        {
            request = Read(buffer.Slice(start, length), out cause);
            if (request is null)
            {
                listener.OnMalformed(cause!);
            }
        }
        else if (status == HeadStatus.NeedMore)
        {
            return End(connection, result);
        }
        else
        {
            listener.OnMalformed(cause!);
            if (status == HeadStatus.Unsupported)
            {
                WriteUnsupported(connection.Transport.Output, cause!);
            }
        }

        connection.Transport.Input.AdvanceTo(request is null ? buffer.Start : buffer.GetPosition(end));
        return true;
    }

    /// <summary>Whether nothing more will come.</summary>
    private bool End(ConnectionContext connection, in ReadResult result)
    {
        connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        if (result.IsCompleted && !result.Buffer.IsEmpty)
        {
            listener.OnMalformed("it ends in the middle of a request's variables");
        }
        else if (result.IsCanceled && !result.Buffer.IsEmpty
            && connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.IsCancellationRequested != true)
        {
            listener.OnTimedOut();
        }

        return result.IsCompleted || result.IsCanceled;
    }

    private CgiRequest? Read(in ReadOnlySequence<byte> variables, out string? cause)
    {
        CgiRequest request = new();
        cause = format.Read(variables.IsSingleSegment ? variables.FirstSpan : variables.ToArray(), request) ?? request.Complete(listener.Config);
        return cause is null ? request : null;
    }

    private void WriteUnsupported(PipeWriter output, string cause)
    {
        string text = $"501 Not Implemented\n{cause}\n";
        string status = format.Form == ResponseHeadForm.StatusLine ? "HTTP/1.1" : "Status:";
        output.Write(Encoding.ASCII.GetBytes($"{status} 501 Not Implemented\r\nContent-Type: text/plain\r\nContent-Length: {text.Length}\r\n\r\n{text}"));
    }
}
