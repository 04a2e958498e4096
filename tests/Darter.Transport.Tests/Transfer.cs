using System.IO.Pipelines;
using System.Net.Sockets;

namespace Darter.Transport.Tests;

/// <summary>Bytes sent and received, the same by content wherever they are cut.</summary>
internal static class Transfer
{
    /// <summary>Writes until a flush waits.</summary>
    internal static async Task<(int Written, Task<FlushResult> Flush)> StallAsync(ConnectionFixture connection, CancellationToken cancellationToken = default)
    {
        int written = 0;
        while (true)
        {
            int length = 16 * 1024;
            Span<byte> span = connection.Output.GetSpan(length);
            Pattern(written, span[..length]);
            connection.Output.Advance(length);
            written += length;
            ValueTask<FlushResult> flush = connection.Output.FlushAsync(cancellationToken);
            if (!flush.IsCompleted)
            {
                return (written, flush.AsTask());
            }

            Assert.False((await flush).IsCompleted);
        }
    }

    internal static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        Pattern(0, bytes);
        return bytes;
    }

    internal static void Pattern(int offset, Span<byte> span)
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = (byte)((offset + i) * 2_654_435_761L >> 13);
        }
    }

    internal static async Task<byte[]> ReceiveAsync(Socket socket, int length)
    {
        byte[] bytes = new byte[length];
        for (int received = 0; received < length;)
        {
            int count = await socket.ReceiveAsync(bytes.AsMemory(received));
            Assert.NotEqual(0, count);
            received += count;
        }

        return bytes;
    }

    internal static async Task<byte[]> ReceiveToEndAsync(Socket socket, Random? sizes = null)
    {
        MemoryStream received = new();
        byte[] buffer = new byte[200_000];
        while (true)
        {
            int count = await socket.ReceiveAsync(buffer.AsMemory(0, sizes?.Next(1, buffer.Length) ?? buffer.Length));
            if (count == 0)
            {
                return received.ToArray();
            }

            received.Write(buffer, 0, count);
        }
    }
}
