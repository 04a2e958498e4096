namespace Darter.Transport;

/// <summary>A connection feature: the loop that the connection belongs to.</summary>
public interface IEventLoopFeature
{
    /// <summary>The loop on whose thread the connection's reads complete.</summary>
    EventLoop Loop { get; }
}
