using System.Net.Sockets;
using Darter.Server.Configuration;

namespace Darter.Server.Observability;

/// <summary>A syslog server: a datagram for each entry, or a line of a stream (RFC 6587, section 3.4.2).</summary>
internal sealed class SyslogSink(SyslogAddress address) : ILogSink
{
    // A server that is away is not asked again for each entry.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private Socket? _socket;
    private long _retryAt;
    private string _error = "";

    /// <inheritdoc/>
    public LogLoss Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> ends)
    {
        int lost = 0;
        int start = 0;
        foreach (int end in ends)
        {
            if (!TrySend(bytes[start..end]))
            {
                lost++;
            }

            start = end;
        }

        return lost == 0 ? default : new LogLoss(lost, _error);
    }

    /// <inheritdoc/>
    public string? Reopen() => null;

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private bool TrySend(ReadOnlySpan<byte> entry)
    {
        // A server that was started anew refuses the first entry after that.
        return TrySendOnce(entry) || TrySendOnce(entry);
    }

    private bool TrySendOnce(ReadOnlySpan<byte> entry)
    {
        if (_socket is null && Environment.TickCount64 < _retryAt)
        {
            return false;
        }

        try
        {
            _socket ??= LogSockets.Connect(address);
            while (entry.Length > 0)
            {
                entry = entry[_socket.Send(entry)..];
            }

            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.MessageSize)
        {
            _error = exception.Message;
            return false;
        }
        catch (SocketException exception)
        {
            _error = exception.Message;
            if (_socket is null)
            {
                _retryAt = Environment.TickCount64 + (long)RetryAfter.TotalMilliseconds;
            }

            _socket?.Dispose();
            _socket = null;
            return false;
        }
    }
}
