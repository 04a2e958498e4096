namespace Darter.Wire;

/// <summary>
/// The word by which the two sides agree on who has a request that was sent ahead: the front offers it, then either the
/// worker claims it or the front revokes it, each by one compare-and-swap on a page both have mapped.
/// </summary>
/// <remarks>The word holds the stream's number too, so a slot can be used again at once: a word for another stream means "not yours".</remarks>
public static class Claim
{
    /// <summary>Slots in the page of a channel; also the most requests it can have at a time with a slot.</summary>
    public const int Slots = 1024;

    /// <summary>Size of the page in bytes: the words by which requests are claimed, then as many about their clients.</summary>
    public const int PageSize = 2 * Slots * sizeof(uint);

    /// <summary>
    /// The word about the client of the request in <paramref name="slot"/>: the stream's number once the client has ended its
    /// side of the connection.
    /// </summary>
    public static int ClientWord(ushort slot) => Slots + slot;

    /// <summary>The slot of a request that cannot be revoked: it is claimed from the start.</summary>
    public const ushort NoSlot = ushort.MaxValue;

    /// <summary>Offered by the front, not started.</summary>
    public static uint Offered(uint stream) => (stream << 2) | 1;

    /// <summary>Claimed by the worker: it runs.</summary>
    public static uint Claimed(uint stream) => (stream << 2) | 2;

    /// <summary>Claimed by the worker, and the front no longer wants the answer.</summary>
    public static uint Cancelled(uint stream) => (stream << 2) | 3;

    /// <summary>Taken back by the front, or free.</summary>
    public const uint Free = 0;
}
