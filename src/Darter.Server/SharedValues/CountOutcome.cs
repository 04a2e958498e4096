namespace Darter.Server.SharedValues;

/// <summary>What came of counting.</summary>
internal enum CountOutcome
{
    /// <summary>There is a new number.</summary>
    Counted,

    /// <summary>There is no value.</summary>
    NotFound,

    /// <summary>The value is no whole number.</summary>
    NotANumber,

    /// <summary>The new number would have more than 64 bits.</summary>
    OutOfRange,
}
