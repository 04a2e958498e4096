namespace Darter.Server.Hub;

/// <summary>What became of a flush to the client of a held response.</summary>
internal enum HeldFlush : byte
{
    /// <summary>It is done, as far as the next can be begun.</summary>
    Done,

    /// <summary>The client does not take it at present.</summary>
    Waiting,

    /// <summary>The client is gone.</summary>
    Broken,
}
