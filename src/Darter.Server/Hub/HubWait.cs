namespace Darter.Server.Hub;

/// <summary>What a member of a channel waits for while the backplane reads what the hub has missed of it.</summary>
internal enum HubWait : byte
{
    /// <summary>For nothing.</summary>
    None,

    /// <summary>It is new, so that what was missed before is not for it.</summary>
    Missed,

    /// <summary>It gets what it has not from the history, in order, when that is complete.</summary>
    History,
}
