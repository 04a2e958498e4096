using Darter.Server.Applications;
using Darter.Transport;

namespace Darter.Server;

/// <summary>A sign of life that needs all event loops.</summary>
public sealed partial class FrontServer
{
    /// <summary>Calls <paramref name="beat"/> now and after each interval, if every loop has found the time to pass it on by
    /// then; on a loop's thread, so it must not block.</summary>
    public void StartHeartbeat(TimeSpan interval, Action beat)
    {
        IReadOnlyList<EventLoop> loops = _loops.Loops;
        LoopTimer timer = null!;
        timer = loops[0].CreateTimer(new LoopCall(() => Visit(1)));
        Visit(loops.Count);

        void Visit(int index)
        {
            try
            {
                if (index < loops.Count)
                {
                    loops[index].Post(new LoopCall(() => Visit(index + 1)));
                }
                else
                {
                    loops[0].Post(new LoopCall(Complete));
                }
            }
            catch (ObjectDisposedException)
            {
                // The server has ended meanwhile.
            }
        }

        void Complete()
        {
            beat();
            timer.Set(interval);
        }
    }
}
