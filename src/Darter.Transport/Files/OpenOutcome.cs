namespace Darter.Transport.Files;

/// <summary>What became of opening a file.</summary>
public enum OpenOutcome
{
    /// <summary>It is open.</summary>
    Opened,

    /// <summary>There is no such file below the folder, or none that can be read as a file.</summary>
    NotFound,

    /// <summary>The process may not read it.</summary>
    Forbidden,

    /// <summary>Finding out might wait for a disk, which the caller did not allow.</summary>
    WouldWait,

    /// <summary>The process or the system has no more descriptors or memory.</summary>
    Exhausted,

    /// <summary>The disk has failed.</summary>
    Failed,
}
