namespace Darter.Gateway.Asgi;

/// <summary>What a response needs next from the application.</summary>
internal enum ResponsePhase
{
    /// <summary>Its start.</summary>
    Start,

    /// <summary>Its body, or more of it.</summary>
    Body,

    /// <summary>Its trailers, or more of them.</summary>
    Trailers,

    /// <summary>Nothing.</summary>
    Complete,
}
