using System.Text.Json.Serialization;

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
}

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
