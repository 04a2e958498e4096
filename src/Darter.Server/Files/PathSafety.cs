namespace Darter.Server.Files;

/// <summary>Whether a path may be looked for; a greater value is worse.</summary>
internal enum PathSafety
{
    /// <summary>It may.</summary>
    Safe,

    /// <summary>A part of it begins with a dot.</summary>
    Hidden,

    /// <summary>No file can have it: a part is <c>.</c> or <c>..</c>, or has a slash in it.</summary>
    Unservable,

    /// <summary>Its percent-encoding is broken, or it has a zero in it.</summary>
    Malformed,
}
