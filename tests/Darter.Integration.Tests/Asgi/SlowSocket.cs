using System.Net.Sockets;

namespace Darter.Integration.Tests.Asgi;

/// <summary>Finds out how much a peer takes that reads nothing.</summary>
internal static class SlowSocket
{
    // A hundred times in a row, ten milliseconds apart, the socket has taken nothing.
    private const int Vain = 100;

    /// <summary>Writes a piece again and again until the socket takes no more, and returns how many bytes it took.</summary>
    public static async Task<long> FillAsync(Socket socket, byte[] piece, long most)
    {
        socket.Blocking = false;
        long taken = 0;
        int vain = 0;
        await Wait.Until(
            () =>
            {
                vain++;
                while (taken < most)
                {
                    ReadOnlySpan<byte> rest = piece.AsSpan((int)(taken % piece.Length));
                    int sent = socket.Send(rest[..(int)Math.Min(rest.Length, most - taken)], SocketFlags.None, out SocketError error);
                    if (error == SocketError.WouldBlock)
                    {
                        return vain >= Vain;
                    }

                    Assert.Equal(SocketError.Success, error);
                    taken += sent;
                    vain = 0;
                }

                return true;
            },
            "the socket to be full");
        socket.Blocking = true;
        return taken;
    }
}
