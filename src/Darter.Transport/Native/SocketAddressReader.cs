using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>Turns the kernel's <c>sockaddr</c> into end points.</summary>
internal static unsafe class SocketAddressReader
{
    /// <summary>Enough for every address family: <c>sizeof(struct sockaddr_storage)</c>.</summary>
    internal const int MaxLength = 128;

    /// <summary>What an unnamed Unix socket (nearly every client's) is called.</summary>
    private static readonly UnixDomainSocketEndPoint s_unnamed =
        (UnixDomainSocketEndPoint)new UnixDomainSocketEndPoint("/").Create(new SocketAddress(AddressFamily.Unix, 2));

    /// <summary>Reads an address. An IPv4 address in IPv6 form becomes plain IPv4: the family a client used is what
    /// applications and logs want to see, not the one the listener is made of.</summary>
    /// <returns>Null for an address family that is neither IP nor Unix.</returns>
    internal static EndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < 2)
        {
            return null;
        }

        switch (Unsafe.ReadUnaligned<ushort>(ref Unsafe.AsRef(in address[0])))
        {
            case AF_INET:
                return new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
            case AF_INET6:
                IPAddress ip = new(address.Slice(8, 16), BitConverter.ToUInt32(address.Slice(24, 4)));
                return new IPEndPoint(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
            case AF_UNIX when address.Length <= 2:
                return s_unnamed;
            case AF_UNIX:
                SocketAddress unix = new(AddressFamily.Unix, address.Length);
                address.CopyTo(unix.Buffer.Span);
                return s_unnamed.Create(unix);
            default:
                return null;
        }
    }

    /// <summary>The address a socket is bound to.</summary>
    internal static EndPoint? ReadLocal(int fd)
    {
        byte* address = stackalloc byte[MaxLength];
        uint length = MaxLength;
        return getsockname(fd, address, &length) < 0 ? null : Read(new ReadOnlySpan<byte>(address, (int)Math.Min(length, MaxLength)));
    }
}
