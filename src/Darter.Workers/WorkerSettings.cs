using System.Text.Json.Serialization;
using Darter.Workers.Hooks;

namespace Darter.Workers;

/// <summary>What the bootstrap of a worker is told, as JSON in the environment variable DARTER_WORKER.</summary>
internal sealed record WorkerSettings
{
    public required string Library { get; init; }

    public required WorkerChannelSettings[] Channels { get; init; }

    /// <summary>Where the worker is asked how it is.</summary>
    public WorkerWatchSettings? Watch { get; init; }

    public required string Token { get; init; }

    public required string Target { get; init; }

    public required string Interface { get; init; }

    public required string Loop { get; init; }

    public required string Lifespan { get; init; }

    public required string RootPath { get; init; }

    public required int WsMaxQueue { get; init; }

    public required bool Multiprocess { get; init; }

    public required string Name { get; init; }

    public required string[] Path { get; init; }

    public required int Number { get; init; }

    public HookPlace? Hooks { get; init; }

    /// <summary>Where the worker is to write to, if the front reads its output.</summary>
    public WorkerOutputSettings? Output { get; init; }

    /// <summary>What a worker does in development; not there in production.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WorkerDevelopmentSettings? Dev { get; init; }

    /// <summary>
    /// What worker <paramref name="number"/> of a pool is told; <paramref name="descriptor"/> gives the number by which it
    /// knows what is at a place in <see cref="WorkerEnds.Worker"/>.
    /// </summary>
    internal static WorkerSettings Create(WorkerPoolConfig config, int number, byte[] token, Func<int, int> descriptor) => new()
    {
        Library = config.Library,
        Channels = [.. Enumerable.Range(0, config.Threads).Select(i => new WorkerChannelSettings(descriptor(2 * i), descriptor((2 * i) + 1)))],
        Token = Convert.ToHexStringLower(token),
        Target = config.Target,
        Interface = config.Interface,
        Loop = config.Loop,
        Lifespan = config.Lifespan,
        RootPath = config.RootPath,
        WsMaxQueue = config.WebSocketMaxQueue,
        Multiprocess = config.Workers > 1,
        Name = $"worker {number}",
        Path = PathOf(config),
        Number = number,
        Watch = new WorkerWatchSettings(descriptor(2 * config.Threads), descriptor((2 * config.Threads) + 1), WorkerWatch.StackSignal),
        Output = WorkerOutputs.Settings(config, () => descriptor((2 * config.Threads) + 2)),
        Dev = config.Development is { } development
            ? new WorkerDevelopmentSettings(
                development.Debugger,
                development.Pin,
                [.. development.Hosts],
                development.SourcesTo is null ? null : descriptor((2 * config.Threads) + (WorkerOutputs.IsRead(config) ? 3 : 2)))
            : null,
        Hooks = config.Hooks is { ConcernWorkers: true } hooks ? HookPlace.Of(hooks, config) : null,
    };

    /// <summary>What <c>--pythonpath</c> puts on sys.path, as Gunicorn does: the last folder first.</summary>
    internal static string[] PathOf(WorkerPoolConfig config) =>
        [.. config.PythonPath.Select(folder => System.IO.Path.GetFullPath(folder, config.WorkingDirectory)).Reverse()];
}

/// <summary>The pipe to the front, and whether all output goes there.</summary>
internal sealed record WorkerOutputSettings(int Descriptor, bool All);

/// <summary>
/// Development: whether exceptions are shown with a debugger, the PIN of its console and the hosts it is reached by, and the
/// number of the descriptor that the files of imported modules are written to.
/// </summary>
internal sealed record WorkerDevelopmentSettings(bool Debugger, string? Pin, string[] Hosts, int? Sources);

/// <summary>Numbers of the descriptors that make a channel.</summary>
internal sealed record WorkerChannelSettings(int Socket, int Page);

/// <summary>
/// Numbers of the descriptors that a worker is watched by, and of the signal on which it writes the stacks of its threads.
/// </summary>
internal sealed record WorkerWatchSettings(int Socket, int Memory, int Signal);

/// <summary>Serializer without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WorkerSettings))]
internal sealed partial class WorkerSettingsJson : JsonSerializerContext;
