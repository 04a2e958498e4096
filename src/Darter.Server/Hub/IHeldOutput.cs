using Darter.Server.Observability;

namespace Darter.Server.Hub;

/// <summary>Where the body of a held response goes. On the loop.</summary>
internal interface IHeldOutput
{
    /// <summary>Whether something of the response is out, its head at least.</summary>
    bool IsStarted { get; }

    /// <summary>Adds bytes of the body; <see cref="Flush"/> follows.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Sends what was written, and the head before it. While the result is <see cref="HeldFlush.Waiting"/> nothing is written;
    /// <see cref="HeldConnection.OnFlushed"/> ends that.
    /// </summary>
    HeldFlush Flush();

    /// <summary>Breaks the connection, or the stream of HTTP/2, off; <see cref="End"/> follows.</summary>
    void BreakOff();

    /// <summary>The response is over. Once, and the last call.</summary>
    /// <param name="bytes">Bytes of the body.</param>
    /// <param name="end">How it ended.</param>
    void End(long bytes, RequestEnd end);
}
