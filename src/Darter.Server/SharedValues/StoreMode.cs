namespace Darter.Server.SharedValues;

/// <summary>On what storing a value depends, and what it does to the one that is there.</summary>
internal enum StoreMode
{
    /// <summary>In any case.</summary>
    Set,

    /// <summary>If there is none.</summary>
    Add,

    /// <summary>If there is one.</summary>
    Replace,

    /// <summary>Behind the bytes that are there.</summary>
    Append,

    /// <summary>Before the bytes that are there.</summary>
    Prepend,

    /// <summary>If there is still the one that the client has seen.</summary>
    CompareAndSwap,
}
