namespace Darter.Server.SharedValues;

/// <summary>What came of storing a value.</summary>
internal enum StoreOutcome
{
    /// <summary>It is kept.</summary>
    Stored,

    /// <summary>It is not, because of the condition.</summary>
    NotStored,

    /// <summary>Another value is there than the client has seen.</summary>
    Exists,

    /// <summary>There is none that could be swapped.</summary>
    NotFound,

    /// <summary>It is larger than is kept; nothing is there any more.</summary>
    TooLarge,
}
