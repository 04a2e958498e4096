using System.Text.Json;
using System.Text.Json.Serialization;

namespace Darter.Workers.Hooks;

/// <summary>Where a Python process finds hooks, and what it shows them.</summary>
internal sealed record HookPlace
{
    public required string Location { get; init; }

    public required string Folder { get; init; }

    public required JsonElement Settings { get; init; }

    /// <summary>Process id of the front, for that of the master's hooks.</summary>
    public int Pid { get; init; }

    /// <summary>What is put in front of sys.path.</summary>
    public required string[] Path { get; init; }

    internal static HookPlace Of(HooksConfig hooks, WorkerPoolConfig config) => new()
    {
        Location = hooks.Location,
        Folder = hooks.Folder,
        Settings = hooks.Settings,
        Pid = Environment.ProcessId,
        Path = WorkerSettings.PathOf(config),
    };
}

/// <summary>A call of a hook of the master.</summary>
internal sealed record HookCall
{
    public required string Hook { get; init; }

    /// <summary>Where hooks are from now on, and what they are shown; null: as before.</summary>
    public HookPlace? Place { get; init; }

    /// <summary>The place of the worker that is concerned.</summary>
    public int? Age { get; init; }

    /// <summary>Its process id.</summary>
    public int? Pid { get; init; }

    /// <summary>How many workers there are to be.</summary>
    public int? New { get; init; }

    /// <summary>How many there were to be; null at the start.</summary>
    public int? Old { get; init; }
}

/// <summary>The answer to a call: without an error, it is done.</summary>
internal sealed record HookAnswer
{
    public string? Error { get; init; }
}

/// <summary>Serializer without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HookPlace))]
[JsonSerializable(typeof(HookCall))]
[JsonSerializable(typeof(HookAnswer))]
internal sealed partial class HookJson : JsonSerializerContext;
