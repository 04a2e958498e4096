using System.Text.Json;

namespace Darter.Workers.Hooks;

/// <summary>The server hooks of a Gunicorn configuration.</summary>
public sealed record HooksConfig
{
    /// <summary>The configuration: <c>PATH</c>, <c>file:PATH</c> or <c>python:MODULE</c>.</summary>
    public required string Location { get; init; }

    /// <summary>The folder in which it is executed.</summary>
    public required string Folder { get; init; }

    /// <summary>The names of the hooks that it defines.</summary>
    public required IReadOnlySet<string> Names { get; init; }

    /// <summary>The settings in effect, as a JSON object by Gunicorn's names: what hooks see as <c>cfg</c>.</summary>
    public required JsonElement Settings { get; init; }

    /// <summary>Whether some of the hooks run in workers.</summary>
    internal bool ConcernWorkers => Names.Overlaps(["post_fork", "post_worker_init", "worker_int", "worker_abort", "pre_request", "post_request", "worker_exit"]);

    /// <summary>Whether some of the hooks are those of Gunicorn's master.</summary>
    internal bool ConcernServer => Names.Overlaps(["on_starting", "when_ready", "on_reload", "on_exit", "nworkers_changed", "pre_fork", "child_exit", "pre_exec"]);
}
