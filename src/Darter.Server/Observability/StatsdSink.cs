using System.Net.Sockets;
using Darter.Server.Configuration;

namespace Darter.Server.Observability;

/// <summary>A StatsD server. Many metrics fit into a datagram, a line each.</summary>
internal sealed class StatsdSink(StatsdAddress address) : ILogSink
{
    // What passes everywhere without being split, as StatsD's documentation advises.
    private const int DatagramSize = 1432;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private Socket? _socket;
    private long _retryAt;
    private string _error = "";

    /// <inheritdoc/>
    public LogLoss Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> ends)
    {
        int lost = 0;
        int start = 0;
        int first = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            // Entries end with a line feed, which the last one of a datagram does not need.
            if (i + 1 < ends.Length && ends[i + 1] - 1 - start <= DatagramSize)
            {
                continue;
            }

            if (!TrySend(bytes[start..(ends[i] - 1)]))
            {
                lost += i + 1 - first;
            }

            start = ends[i];
            first = i + 1;
        }

        return lost == 0 ? default : new LogLoss(lost, _error);
    }

    /// <inheritdoc/>
    public string? Reopen() => null;

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private bool TrySend(ReadOnlySpan<byte> datagram)
    {
        if (_socket is null && Environment.TickCount64 < _retryAt)
        {
            return false;
        }

        try
        {
            _socket ??= LogSockets.Connect(address);
            _ = _socket.Send(datagram);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.ConnectionRefused)
        {
            // Nobody listens, or not fast enough. To UDP that is known of an earlier datagram only.
            _error = exception.Message;
            if (address.Path is not null && exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                Forget();
            }

            return false;
        }
        catch (SocketException exception)
        {
            _error = exception.Message;
            Forget();
            return false;
        }
    }

    private void Forget()
    {
        _socket?.Dispose();
        _socket = null;
        _retryAt = Environment.TickCount64 + (long)RetryAfter.TotalMilliseconds;
    }
}
