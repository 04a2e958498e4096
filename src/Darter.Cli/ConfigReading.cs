using Darter.Cli.Options;

namespace Darter.Cli;

/// <summary>The configuration as it was read, or null, with what is wrong.</summary>
internal sealed record ConfigReading(RunConfig? Config, IReadOnlyList<string> Errors);
