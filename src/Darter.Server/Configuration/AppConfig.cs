using Darter.Workers;

namespace Darter.Server.Configuration;

/// <summary>An application that the front has workers for.</summary>
/// <param name="Name">How routes, logs and commands name it.</param>
/// <param name="Workers">Its workers.</param>
public sealed record AppConfig(string Name, WorkerPoolConfig Workers);
