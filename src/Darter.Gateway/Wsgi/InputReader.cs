using Darter.CPython;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>Reads the body of the request that runs; waits for the front where not enough of it has come.</summary>
internal sealed unsafe class InputReader(WsgiServer server, Channel channel, WsgiRequest request)
{
    /// <summary>Bytes that are allocated at most before they have come.</summary>
    private const int LargestGuess = 1 << 20;

    /// <summary>That many bytes, fewer only at the end of the body; -1: all. NULL: a Python error is set.</summary>
    public NewReference Read(nint size)
    {
        RequestBody body = request.Body!;
        if (!EnsureSome(body))
        {
            return default;
        }

        nint wanted = size < 0 ? nint.MaxValue : size;
        if (body.IsComplete || body.Waiting.Length >= wanted)
        {
            return Take(body, (int)Math.Min(wanted, body.Waiting.Length));
        }

        long guess = body.ContentLength < 0 ? body.Waiting.Length * 2L : body.ContentLength - body.Position;
        return Collect(body, wanted, (nint)Math.Min(Math.Min(guess, wanted), LargestGuess));
    }

    /// <summary>What has come, at most that many bytes; -1: all of it. Empty only at the end of the body. NULL: a Python error is set.</summary>
    public NewReference ReadAvailable(nint size)
    {
        RequestBody body = request.Body!;
        if (size != 0 && !EnsureSome(body))
        {
            return default;
        }

        return Take(body, size < 0 ? body.Waiting.Length : (int)Math.Min(size, body.Waiting.Length));
    }

    /// <summary>Bytes up to and with the next line feed, at most that many; -1: any number. NULL: a Python error is set.</summary>
    public NewReference ReadLine(nint size)
    {
        RequestBody body = request.Body!;
        nint limit = size < 0 ? nint.MaxValue : size;
        int searched = 0;
        while (true)
        {
            ReadOnlySpan<byte> waiting = body.Waiting;
            int feed = waiting[searched..].IndexOf((byte)'\n');
            int length = feed < 0 ? waiting.Length : searched + feed + 1;
            if (feed >= 0 || length >= limit || body.IsComplete)
            {
                return Take(body, (int)Math.Min(length, limit));
            }

            searched = waiting.Length;
            if (searched >= Darter.Wire.ChannelFormat.InitialRequestWindow / 2)
            {
                // The window would close before the line ends: the line is taken as it comes.
                return CollectLine(body, limit);
            }

            if (!Wait())
            {
                return default;
            }
        }
    }

    private NewReference Take(RequestBody body, int count)
    {
        NewReference bytes = PythonText.Bytes(body.Waiting[..count]);
        Consume(body, count);
        return bytes;
    }

    /// <summary>Fills new bytes as the body comes.</summary>
    private NewReference Collect(RequestBody body, nint wanted, nint capacity)
    {
        GrowingBytes bytes = new(Math.Max(capacity, 1024));
        while (true)
        {
            int count = (int)Math.Min(body.Waiting.Length, wanted - bytes.Length);
            if (!bytes.Append(body.Waiting[..count]))
            {
                return default;
            }

            Consume(body, count);
            if (bytes.Length == wanted || (body.IsComplete && body.Waiting.IsEmpty))
            {
                return bytes.Finish();
            }

            if (body.Waiting.IsEmpty && !EnsureSome(body))
            {
                bytes.Drop();
                return default;
            }
        }
    }

    private NewReference CollectLine(RequestBody body, nint limit)
    {
        GrowingBytes bytes = new(body.Waiting.Length * 2);
        while (true)
        {
            int feed = body.Waiting.IndexOf((byte)'\n');
            int count = (int)Math.Min(feed < 0 ? body.Waiting.Length : feed + 1, limit - bytes.Length);
            bool isWhole = (feed >= 0 && count == feed + 1) || bytes.Length + count == limit;
            if (!bytes.Append(body.Waiting[..count]))
            {
                return default;
            }

            Consume(body, count);
            if (isWhole || (body.IsComplete && body.Waiting.IsEmpty))
            {
                return bytes.Finish();
            }

            if (!EnsureSome(body))
            {
                bytes.Drop();
                return default;
            }
        }
    }

    private void Consume(RequestBody body, int count)
    {
        int grant = body.Consume(count);
        if (grant > 0)
        {
            channel.Writer.WriteWindow(request.Stream, grant);
            channel.Flush();
        }
    }

    /// <summary>Waits until something of the body is here or its end is known. False: a Python error is set.</summary>
    private bool EnsureSome(RequestBody body)
    {
        while (body.Waiting.IsEmpty && !body.IsComplete)
        {
            if (!Wait())
            {
                return false;
            }
        }

        return true;
    }

    private bool Wait() => request.IsCancelled ? server.RaiseDisconnected() : server.WaitForFrame();
}
