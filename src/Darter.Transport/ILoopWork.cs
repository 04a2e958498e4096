namespace Darter.Transport;

/// <summary>Something an <see cref="EventLoop"/> runs on its thread.</summary>
/// <remarks>An object that is posted often implements this itself, so that posting allocates nothing.</remarks>
public interface ILoopWork
{
    /// <summary>Runs on the loop's thread and must not block. An exception is logged and the loop goes on.</summary>
    void Run();
}
