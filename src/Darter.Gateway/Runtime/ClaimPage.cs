using System.Runtime.InteropServices;
using Darter.Gateway.Native;
using Darter.Wire;

namespace Darter.Gateway.Runtime;

/// <summary>The worker's view of a channel's claim page (docs/channel.md).</summary>
internal sealed unsafe class ClaimPage
{
    private readonly uint* _words;

    /// <summary>Maps the page; the descriptor is no longer needed afterwards.</summary>
    /// <exception cref="InvalidOperationException">It cannot be mapped.</exception>
    public ClaimPage(int descriptor)
    {
        nint address = LibC.mmap(null, Claim.PageSize, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, descriptor, 0);
        if (address == -1)
        {
            throw new InvalidOperationException($"cannot map the claim page: error {Marshal.GetLastSystemError()}");
        }

        _words = (uint*)address;
    }

    /// <summary>Makes a request this worker's own before it starts. False: the front has taken it back.</summary>
    public bool TryClaim(ushort slot, uint stream)
    {
        if (slot == Claim.NoSlot)
        {
            return true;
        }

        // What the front cannot take back counts as claimed from the start.
        uint before = Interlocked.CompareExchange(ref _words[slot], Claim.Claimed(stream), Claim.Offered(stream));
        return before == Claim.Offered(stream) || before == Claim.Claimed(stream);
    }

    /// <summary>Whether the front no longer wants the answer of a request that was claimed.</summary>
    public bool IsCancelled(ushort slot, uint stream) =>
        slot != Claim.NoSlot && Volatile.Read(ref _words[slot]) == Claim.Cancelled(stream);

    /// <summary>Whether the client of a request has ended its side of the connection.</summary>
    public bool IsClientFinished(ushort slot, uint stream) =>
        slot != Claim.NoSlot && Volatile.Read(ref _words[Claim.ClientWord(slot)]) == stream;
}
