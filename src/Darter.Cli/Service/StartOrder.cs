using System.Text.Json.Serialization;
using Darter.Server.Listeners;

namespace Darter.Cli.Service;

/// <summary>What a front is told by the process of this program that starts it, as JSON in the environment.</summary>
internal sealed record StartOrder
{
    /// <summary>Name of the environment variable.</summary>
    internal const string Variable = "_DARTER_START";

    /// <summary>Descriptor of the socket on which the front tells how its start went.</summary>
    public required int Link { get; init; }

    /// <summary>Whether it takes over from another front, else it is a daemon's start.</summary>
    public bool IsUpgrade { get; init; }

    /// <summary>The sockets it takes over.</summary>
    public HandedListener[] Listeners { get; init; } = [];

    /// <summary>Descriptors, as the first front had them, that a service manager opened: they are the addresses.</summary>
    public int[] Activated { get; init; } = [];

    /// <summary>Descriptor of the pid file, if there is one.</summary>
    public int? PidFile { get; init; }
}

/// <summary>Serializer without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StartOrder))]
internal sealed partial class StartOrderJson : JsonSerializerContext;
