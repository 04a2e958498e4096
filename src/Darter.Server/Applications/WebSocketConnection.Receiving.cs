using System.Buffers;
using Darter.Server.WebSockets;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>From the client.</summary>
internal sealed partial class WebSocketConnection
{
    private const int SmallBuffer = 4 * 1024;
    private const int LargeBuffer = ChannelFormat.MaxBodyChunk;

    private TaskCompletionSource? _resumed;
    private long _lastHeard;
    private long _pingSent;

    private enum Progress
    {
        /// <summary>All that came is dealt with.</summary>
        NeedMore,

        /// <summary>The other end has to take something first.</summary>
        Paused,

        /// <summary>Nothing more is to be read.</summary>
        Ended,
    }

    /// <summary>The other end takes something again.</summary>
    internal void Resume()
    {
        if (_resumed is { } resumed)
        {
            _resumed = null;
            resumed.SetResult();
        }
    }

    /// <summary>Pings a client of which nothing was heard for too long, and gives up on one that does not answer.</summary>
    /// <param name="now">By <see cref="Environment.TickCount64"/>.</param>
    /// <param name="interval">In milliseconds.</param>
    /// <param name="timeout">In milliseconds; 0: none.</param>
    internal void KeepAlive(long now, long interval, long timeout)
    {
        if (_stream is null || _closeSent || _gone || _resumed is not null)
        {
            // While the other end is too slow nothing is read, so nothing can be heard.
            _lastHeard = now;
        }
        else if (_pingSent > _lastHeard)
        {
            if (timeout > 0 && now - _pingSent >= timeout)
            {
                _end.OnClosed(CloseCode.Abnormal, default);
                Close(CloseCode.InternalError, "keepalive ping timeout"u8);
                Flush();
                OnConnectionGone();
            }
        }
        else if (now - _lastHeard >= interval)
        {
            _pingSent = now;
            WritePing();
        }
    }

    private async Task ReceiveAsync(Stream stream)
    {
        byte[]? array = null;
        bool ended = false;
        try
        {
            int size = SmallBuffer;
            Memory<byte> data = default;
            while (true)
            {
                // 1. Wait without a buffer, unless there is a part of a frame already.
                if (array is null)
                {
                    await stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
                    array = ArrayPool<byte>.Shared.Rent(size);
                }

                // 2. Read behind that part.
                data.CopyTo(array);
                int kept = data.Length;
                int read = await stream.ReadAsync(array.AsMemory(kept)).ConfigureAwait(false);
                await new LoopSwitch(_loop);
                if (read == 0)
                {
                    break;
                }

                _lastHeard = Environment.TickCount64;
                size = kept + read == array.Length ? LargeBuffer : SmallBuffer;
                data = array.AsMemory(0, kept + read);

                // 3. Pass on what is in it.
                Progress progress;
                while ((progress = PassOn(ref data)) == Progress.Paused)
                {
                    _resumed = new TaskCompletionSource();
                    await _resumed.Task.ConfigureAwait(false);
                }

                if (progress == Progress.Ended)
                {
                    ended = true;
                    return;
                }

                if (data.IsEmpty)
                {
                    ArrayPool<byte>.Shared.Return(array);
                    array = null;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The connection is broken; below.
        }
        finally
        {
            await new LoopSwitch(_loop);
            if (array is not null)
            {
                ArrayPool<byte>.Shared.Return(array);
            }

            if (!ended)
            {
                // The client's connection ended without a close frame.
                SetGone();
            }

            EndReceiving();
        }
    }

    private Progress PassOn(ref Memory<byte> data)
    {
        while (true)
        {
            int room = _end.Room;
            if (room == 0)
            {
                return Progress.Paused;
            }

            switch (_reader.Read(ref data, room, out ReadOnlySpan<byte> bytes))
            {
                case MessageEvent.NeedMore:
                    return Progress.NeedMore;

                case MessageEvent.Piece:
                    _end.OnPiece(_reader.Kind, bytes, _reader.IsLast);
                    break;

                case MessageEvent.Ping:
                    WritePong(bytes);
                    _end.OnPing(bytes);
                    break;

                case MessageEvent.Pong:
                    _end.OnPong(bytes);
                    break;

                case MessageEvent.Close:
                    _end.OnClosed(_reader.Code, bytes);
                    Close(_reader.Code == CloseCode.None ? CloseCode.Normal : _reader.Code, default);
                    return Progress.Ended;

                case MessageEvent.Failed:
                    _end.OnClosed(_reader.Code, bytes);
                    Close(_reader.Code, bytes);
                    return Progress.Ended;
            }
        }
    }
}
