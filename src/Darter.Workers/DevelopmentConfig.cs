namespace Darter.Workers;

/// <summary>What workers do for whoever develops the application.</summary>
public sealed record DevelopmentConfig
{
    /// <summary>Whether an exception is answered with a page that shows it. Default: yes.</summary>
    public bool Debugger { get; init; } = true;

    /// <summary>The PIN that opens the debugger's console; null: there is no console.</summary>
    public string? Pin { get; init; }

    /// <summary>Host names by which the console is reached, beside those of the loopback. Default: none.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Takes the paths of the files that the application has imported, a line each; null: nobody wants to know.</summary>
    public IWorkerOutput? SourcesTo { get; init; }
}
