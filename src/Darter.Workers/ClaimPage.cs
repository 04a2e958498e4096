using System.ComponentModel;
using System.Runtime.InteropServices;
using Darter.Wire;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>The claim page of a channel (see <c>docs/channel.md</c>), the front's side: offers, takes back and cancels.</summary>
internal sealed unsafe class ClaimPage : IDisposable
{
    private readonly Stack<ushort> _free = new(Claim.Slots);
    private uint* _words;

    /// <summary>Maps the page behind <paramref name="memory"/>, a memory file of <see cref="Claim.PageSize"/> bytes.</summary>
    internal ClaimPage(SafeFileHandle memory)
    {
        void* address = Libc.mmap(null, Claim.PageSize, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, (int)memory.DangerousGetHandle(), 0);
        if ((nint)address == -1)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot map a channel's claim page");
        }

        _words = (uint*)address;
        for (int slot = Claim.Slots - 1; slot >= 0; slot--)
        {
            _free.Push((ushort)slot);
        }
    }

    /// <summary>Makes the memory file of a page, inheritable by the worker only once that is asked for.</summary>
    internal static SafeFileHandle CreateMemory()
    {
        int fd = Libc.memfd_create("darter-claims", Libc.MFD_CLOEXEC);
        if (fd < 0 || Libc.ftruncate(fd, Claim.PageSize) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot create a channel's claim page");
        }

        return new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Takes a free slot and offers <paramref name="stream"/> in it; <see cref="Claim.NoSlot"/> when all are taken.</summary>
    internal ushort Offer(uint stream)
    {
        if (!_free.TryPop(out ushort slot))
        {
            return Claim.NoSlot;
        }

        Volatile.Write(ref _words[slot], Claim.Offered(stream));
        return slot;
    }

    /// <summary>
    /// Takes a free slot for a request that cannot be taken back and counts as claimed from the start, so that it can be
    /// cancelled as others can; <see cref="Claim.NoSlot"/> when all are taken.
    /// </summary>
    internal ushort Hold(uint stream)
    {
        if (!_free.TryPop(out ushort slot))
        {
            return Claim.NoSlot;
        }

        Volatile.Write(ref _words[slot], Claim.Claimed(stream));
        return slot;
    }

    /// <summary>Tells the worker that the client of a request has ended its side of the connection.</summary>
    internal void FinishClient(ushort slot, uint stream)
    {
        if (slot != Claim.NoSlot)
        {
            Volatile.Write(ref _words[Claim.ClientWord(slot)], stream);
        }
    }

    /// <summary>Takes back a request that was not started. False: the worker has claimed it.</summary>
    internal bool TryRevoke(ushort slot, uint stream) =>
        slot != Claim.NoSlot && Interlocked.CompareExchange(ref _words[slot], Claim.Free, Claim.Offered(stream)) == Claim.Offered(stream);

    /// <summary>Whether the worker has started the request.</summary>
    internal bool IsClaimed(ushort slot, uint stream) =>
        slot == Claim.NoSlot || Volatile.Read(ref _words[slot]) != Claim.Offered(stream);

    /// <summary>Tells the worker that nobody waits for a request that it has claimed.</summary>
    internal void Cancel(ushort slot, uint stream)
    {
        if (slot != Claim.NoSlot)
        {
            Interlocked.CompareExchange(ref _words[slot], Claim.Cancelled(stream), Claim.Claimed(stream));
        }
    }

    /// <summary>Gives the slot back.</summary>
    internal void Release(ushort slot)
    {
        if (slot != Claim.NoSlot)
        {
            Volatile.Write(ref _words[slot], Claim.Free);
            _free.Push(slot);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_words is not null)
        {
            _ = Libc.munmap(_words, Claim.PageSize);
            _words = null;
        }
    }
}
