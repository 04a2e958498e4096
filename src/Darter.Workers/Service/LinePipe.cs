using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Darter.Workers.Native;

namespace Darter.Workers.Service;

/// <summary>One end of a pair of sockets on which two processes exchange lines.</summary>
public sealed class LinePipe : IDisposable
{
    private readonly Socket _socket;
    private readonly StringBuilder _received = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    private LinePipe(Socket socket) => _socket = socket;

    /// <summary>The descriptor.</summary>
    public int Descriptor => (int)_socket.SafeHandle.DangerousGetHandle();

    /// <summary>Makes both ends, closed on exec.</summary>
    public static unsafe (LinePipe Ours, LinePipe Theirs) Create()
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, pair) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        return (Wrap(pair[0]), Wrap(pair[1]));
    }

    /// <summary>Takes over an end that the parent process made.</summary>
    public static LinePipe Adopt(int descriptor)
    {
        _ = Libc.fcntl(descriptor, Libc.F_SETFD, Libc.FD_CLOEXEC);
        return Wrap(descriptor);
    }

    /// <summary>Sends a line. False: nobody listens any more.</summary>
    public bool Send(string line)
    {
        try
        {
            byte[] bytes = Encoding.UTF8.GetBytes($"{line.Replace('\n', '\v')}\n");
            return _socket.Send(bytes) == bytes.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Waits for a line; null when the other end is closed.</summary>
    public async Task<string?> ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            string text = _received.ToString();
            int end = text.IndexOf('\n', StringComparison.Ordinal);
            if (end >= 0)
            {
                _received.Remove(0, end + 1);
                return text[..end].Replace('\v', '\n');
            }

            try
            {
                int count = await _socket.ReceiveAsync(buffer).ConfigureAwait(false);
                if (count == 0)
                {
                    return null;
                }

                char[] characters = new char[count];
                _received.Append(characters, 0, _decoder.GetChars(buffer, 0, count, characters, 0));
            }
            catch (SocketException)
            {
                return null;
            }
        }
    }

    /// <summary>Closes this end.</summary>
    public void Dispose() => _socket.Dispose();

    private static LinePipe Wrap(int descriptor) => new(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)));
}
