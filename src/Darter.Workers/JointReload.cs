using Darter.Transport;

namespace Darter.Workers;

/// <summary>
/// A reload of several pools of one loop, which takes effect for all of them at once or for none. Each has workers that load
/// beside those that serve; when the last of them has loaded, all take over within one piece of work on the loop, and whoever asks
/// in between sees either all old ones or all new ones. If one does not load, the new workers of all are ended.
/// </summary>
/// <param name="loop">The loop of all the pools.</param>
/// <param name="takingOver">What is to happen in the same moment, just before the pools' part; on the loop.</param>
public sealed class JointReload(EventLoop loop, Action takingOver)
{
    private readonly List<(Supervisor Supervisor, WorkerPoolConfig Config, WorkerPool? Pool)> _pools = [];
    private readonly List<(Supervisor Supervisor, Generation Generation)> _members = [];
    private readonly TaskCompletionSource<JointReloadResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isComplete;
    private bool _hasEnded;

    /// <summary>Has a pool take part: one that serves with new workers, one that was never started with its first ones. To be called before <see cref="RunAsync"/>.</summary>
    public void Add(WorkerPool pool, WorkerPoolConfig config)
    {
        ArgumentNullException.ThrowIfNull(pool);
        _pools.Add((pool.Supervisor, config, pool));
    }

    /// <summary>As the public one.</summary>
    internal void Add(Supervisor supervisor, WorkerPoolConfig config) => _pools.Add((supervisor, config, null));

    /// <summary>Loads; the task ends when all new workers serve, or when it is certain that none will. Any thread.</summary>
    public Task<JointReloadResult> RunAsync()
    {
        loop.Post(new LoopAction(Begin));
        return _result.Task;
    }

    /// <summary>Ends it, if it has not come to its end, since another reload or the server's end makes it pointless. Any thread.</summary>
    /// <param name="reason">Why, for people.</param>
    public void Abandon(string reason) => loop.Post(new LoopAction(() => End(null, new ReloadResult(0, reason), reason, isAbandoned: true)));

    /// <summary>A generation has as many loaded workers as it is to have.</summary>
    internal void TakeOverIfLoaded()
    {
        if (_hasEnded || !_isComplete || !_members.TrueForAll(member => member.Supervisor.IsLoaded(member.Generation)))
        {
            return;
        }

        try
        {
            takingOver();
        }
        catch (ArgumentException exception)
        {
            // Settings that turn out not to be valid only now; the pools have not changed yet.
            End(null, new ReloadResult(0, exception.Message), exception.Message, isAbandoned: false);
            return;
        }

        _hasEnded = true;
        bool servesError = false;
        foreach ((Supervisor supervisor, Generation generation) in _members)
        {
            servesError |= supervisor.TakeOverTogether(generation);
        }

        int number = _members.Count == 0 ? 0 : _members.Max(member => member.Generation.Number);
        _result.SetResult(new JointReloadResult(null, new ReloadResult(number, Error: null, ServesError: servesError)));
    }

    /// <summary>A generation will not take over: no other one does.</summary>
    internal void Fail(Generation failed, ReloadResult result)
    {
        int index = _members.FindIndex(member => member.Generation == failed);
        End(failed, result, $"the application '{failed.Config.Target}' could not be reloaded", isAbandoned: false, index < 0 ? null : _pools[index].Pool);
    }

    private void Begin()
    {
        if (_hasEnded)
        {
            return;
        }

        foreach ((Supervisor supervisor, WorkerPoolConfig config, WorkerPool? pool) in _pools)
        {
            if (supervisor.BeginTogether(config, this) is not { } generation)
            {
                ReloadResult stopped = new(0, "the server is stopping");
                End(null, stopped, stopped.Error!, isAbandoned: false, pool);
                return;
            }

            _members.Add((supervisor, generation));
        }

        _isComplete = true;
        TakeOverIfLoaded();
    }

    private void End(Generation? failed, ReloadResult result, string why, bool isAbandoned, WorkerPool? pool = null)
    {
        if (_hasEnded)
        {
            return;
        }

        _hasEnded = true;
        foreach ((Supervisor supervisor, Generation generation) in _members)
        {
            if (generation != failed)
            {
                supervisor.GiveUpTogether(generation, why, isFailure: !isAbandoned);
            }
        }

        _result.SetResult(new JointReloadResult(pool, result, isAbandoned));
    }
}
