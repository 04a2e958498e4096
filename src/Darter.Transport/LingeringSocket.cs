using System.ComponentModel;
using Darter.Transport.Native;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport;

/// <summary>
/// A socket that is closed although its peer still sends, as when a request is refused before its body was read. Closed
/// at once it would answer the rest with a reset, and the peer could lose the response that it has not read yet
/// (RFC 9112, 9.6). So only the sending side is closed, and what comes is thrown away until the peer ends or time is up.
/// </summary>
internal sealed class LingeringSocket : IReadinessHandler, ILoopWork
{
    /// <summary>As nginx's lingering_timeout: long enough for the response to arrive and the peer to stop.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly EventLoop _loop;
    private readonly LoopTimer _timer;
    private readonly int _descriptor;

    private LingeringSocket(EventLoop loop, int descriptor)
    {
        _loop = loop;
        _descriptor = descriptor;
        _timer = loop.CreateTimer(this);
    }

    /// <summary>Takes over a socket that is not watched any more. The loop's thread.</summary>
    internal static void Close(EventLoop loop, int descriptor)
    {
        StreamSocket.EndSending(descriptor);
        LingeringSocket lingering = new(loop, descriptor);
        try
        {
            // Level-triggered: a block for each pass of the loop is enough for what nobody wants.
            loop.Watch(descriptor, lingering, EPOLLIN);
            lingering._timer.Set(s_limit);
        }
        catch (Win32Exception)
        {
            StreamSocket.Close(descriptor);
        }
    }

    /// <inheritdoc/>
    public unsafe void OnReady(Readiness readiness)
    {
        using Block block = _loop.Blocks.RentBlock();
        int received = StreamSocket.Receive(_descriptor, block.Start, block.Capacity);
        if (received <= 0 && received != StreamSocket.WouldBlock)
        {
            _timer.Cancel();
            Close();
        }
    }

    /// <summary>The time is up.</summary>
    void ILoopWork.Run() => Close();

    private void Close()
    {
        _loop.Unwatch(_descriptor);
        StreamSocket.Close(_descriptor);
    }
}
