using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Asgi;

/// <summary>(host, port) of clients as Python tuples; those of the clients that are connected come again and again.</summary>
internal sealed class ClientAddresses
{
    private const int Places = 1024;

    private readonly Entry[] _entries = new Entry[Places];

    /// <summary>The tuple of a client; None if it has no address. Valid until the next call. NULL: a Python error is set.</summary>
    public unsafe BorrowedReference Get(ReadOnlySpan<byte> host, ushort port)
    {
        if (host.IsEmpty)
        {
            return new BorrowedReference(PyApi.None);
        }

        ref Entry entry = ref _entries[port & (Places - 1)];
        if (entry.Port != port || !host.SequenceEqual(entry.Host) || entry.Pair.IsNull)
        {
            entry.Port = port;
            entry.Host = host.ToArray();
            entry.Pair.Set(ScopeBuilder.Pair(PythonText.FromLatin1(host), PyApi.PyLong_FromLongLong(port)));
        }

        return entry.Pair.Borrow();
    }

    private struct Entry
    {
        public ushort Port;
        public byte[] Host;
        public HeldReference Pair;
    }
}
