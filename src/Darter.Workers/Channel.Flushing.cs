using System.Runtime.InteropServices;
using Darter.Transport;
using Darter.Wire;
using Darter.Workers.Native;

namespace Darter.Workers;

/// <summary>When and how what is queued for the worker leaves.</summary>
internal sealed partial class Channel
{
    // Measured with 8 and 64 connections: a batch grows by a third, and the worker is woken as much less often.
    private const int MostFlushDelays = 3;
    private const int FastDepth = 16;
    private const int EnoughStreams = 32;

    // Bodies are still in the processor's cache, and the worker begins while more are read: measured with echoes of 10 kB, a tenth more
    // of them.
    private const int EnoughBytes = 64 * 1024;

    private bool _flushScheduled;
    private int _flushDelays;
    private bool _wantsRoom;

    /// <summary>Writes what is queued; runs at the end of a pass.</summary>
    void ILoopWork.Run()
    {
        if (ExpectsMore())
        {
            _flushDelays++;
            _loop.AtEndOfNextPass(this);
            return;
        }

        _flushDelays = 0;
        _flushScheduled = false;
        if (State != ChannelState.Closed)
        {
            Flush();
        }
    }

    /// <summary>
    /// Whether more requests are likely to be here already, for which the worker need not be woken again: while clients
    /// come in numbers, and to an application for which being woken is the greater part of its work.
    /// </summary>
    private bool ExpectsMore() =>
        _flushDelays < MostFlushDelays && _loop.EventsInPass > 1 && ServiceTime.Depth >= FastDepth
        && (IsEventLoop ? Unstarted : _streams.Count) < EnoughStreams;

    private void ScheduleFlush()
    {
        if (_writer.Buffer.Length >= EnoughBytes && !_wantsRoom && State != ChannelState.Closed)
        {
            Flush();
        }

        if (!_flushScheduled)
        {
            _flushScheduled = true;
            _loop.AtEndOfPass(this);
        }
    }

    private unsafe void Flush()
    {
        OutgoingBuffer buffer = _writer.Buffer;
        while (buffer.Length > 0)
        {
            nint sent;
            fixed (byte* bytes = buffer.Span)
            {
                sent = Libc.send(Descriptor, bytes, (nuint)buffer.Length, Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT);
            }

            if (sent >= 0)
            {
                buffer.Consume((int)sent);
            }
            else if (Marshal.GetLastPInvokeError() is Libc.EAGAIN)
            {
                WantRoom(true);
                return;
            }
            else if (Marshal.GetLastPInvokeError() is not Libc.EINTR)
            {
                // The worker is gone. Reading finds that too, after what it may still have sent.
                buffer.Consume(buffer.Length);
            }
        }

        WantRoom(false);
    }

    private void WantRoom(bool wanted)
    {
        if (wanted != _wantsRoom)
        {
            _wantsRoom = wanted;
            _loop.WatchRoom(Descriptor, wanted);
        }
    }
}
