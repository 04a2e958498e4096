namespace Darter.Gateway.Runtime;

/// <summary>What <see cref="HeldReplies"/> finds when it looks at a channel.</summary>
internal enum Found
{
    /// <summary>Nothing is lent.</summary>
    Nothing,

    /// <summary>Something was lent since the last look.</summary>
    Fresh,

    /// <summary>What was lent was still there: it was sent.</summary>
    Held,
}
