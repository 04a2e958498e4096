namespace Darter.Transport.Tests;

/// <summary>Tests that look at the whole process (its descriptors, its limits) run alone, after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessWide
{
    public const string Name = "process-wide";
}
