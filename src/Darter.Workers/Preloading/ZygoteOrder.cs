using System.Text.Json.Serialization;

namespace Darter.Workers.Preloading;

/// <summary>What the front asks of the zygote, a message each.</summary>
internal sealed record ZygoteOrder
{
    /// <summary>More descriptors of the same order follow in the next message, since one can carry only so many.</summary>
    public bool More { get; init; }

    /// <summary>
    /// Fork a worker with these settings. The numbers of its channels are places among the descriptors that came; the last
    /// of these is the worker's lifeline.
    /// </summary>
    public WorkerSettings? Fork { get; init; }

    /// <summary>The front knows that this worker has ended: its process id may be used again.</summary>
    public int? Reap { get; init; }
}

/// <summary>What the zygote answers.</summary>
internal sealed record ZygoteAnswer
{
    /// <summary>The application is loaded; orders are taken.</summary>
    public bool Ready { get; init; }

    /// <summary>Threads that the application started while it was loaded, which no worker has.</summary>
    public string[] Threads { get; init; } = [];

    /// <summary>Process id of the worker that was forked.</summary>
    public int? Forked { get; init; }

    /// <summary>The application did not load, with the reason; the zygote ends.</summary>
    public string? Failed { get; init; }

    /// <summary>The order could not be carried out, with the reason.</summary>
    public string? Error { get; init; }
}

/// <summary>What a zygote is told when it is started, as JSON in the environment variable DARTER_ZYGOTE.</summary>
internal sealed record ZygoteSettings
{
    public required int Socket { get; init; }

    public required string Target { get; init; }

    public required string Interface { get; init; }

    public required string[] Path { get; init; }

    /// <summary>Where it is to write to, if the front reads its output.</summary>
    public WorkerOutputSettings? Output { get; init; }

    /// <summary>What <c>ps</c> is to show for the workers, if they have a name.</summary>
    public string? Title { get; init; }
}

/// <summary>Serializer without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ZygoteOrder))]
[JsonSerializable(typeof(ZygoteAnswer))]
[JsonSerializable(typeof(ZygoteSettings))]
internal sealed partial class ZygoteJson : JsonSerializerContext;
