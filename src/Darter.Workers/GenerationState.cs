namespace Darter.Workers;

/// <summary>The life of a generation.</summary>
internal enum GenerationState : byte
{
    /// <summary>Its workers load the application. Only those of the first one get requests.</summary>
    Loading,

    /// <summary>It gets all requests.</summary>
    Serving,

    /// <summary>Another one took over: it finishes what it has.</summary>
    Leaving,

    /// <summary>It could not be loaded, or was not wanted any more, and is killed.</summary>
    GivenUp,
}
