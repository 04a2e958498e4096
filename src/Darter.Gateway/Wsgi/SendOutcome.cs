namespace Darter.Gateway.Wsgi;

/// <summary>Where a response stands after a piece of it.</summary>
internal enum SendOutcome
{
    /// <summary>More may follow.</summary>
    Open,

    /// <summary>It has ended, one way or the other.</summary>
    Complete,

    /// <summary>A Python error is set.</summary>
    Error,
}
