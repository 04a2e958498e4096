namespace Darter.Transport;

/// <summary>Gets the readiness events of a descriptor that an <see cref="EventLoop"/> watches.</summary>
public interface IReadinessHandler
{
    /// <summary>Runs on the loop's thread and must not block. An exception is logged and the loop goes on.</summary>
    /// <param name="readiness">What changed since the last call. The registration is edge-triggered: what is not used
    /// up (read or written until the kernel says EAGAIN, or moves less than it was asked for) is not reported again.</param>
    void OnReady(Readiness readiness);
}
