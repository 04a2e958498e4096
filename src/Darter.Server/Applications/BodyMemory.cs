using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Darter.Server.Applications;

/// <summary>
/// Memory for request bodies that are being collected: bounded for each request and for the server. When it is used up,
/// bodies are passed on as they come, which costs a worker's time and not memory.
/// </summary>
internal sealed class BodyMemory
{
    /// <summary>Most bytes of one request's body that are collected.</summary>
    internal const int PerRequest = 1024 * 1024;

    private const long Total = 256L * 1024 * 1024;

    private long _used;

    /// <summary>Rents an array of at least <paramref name="size"/> bytes, unless that is too much.</summary>
    internal bool TryRent(int size, [NotNullWhen(true)] out byte[]? array)
    {
        array = null;
        if (Interlocked.Add(ref _used, size) > Total)
        {
            Interlocked.Add(ref _used, -size);
            return false;
        }

        array = ArrayPool<byte>.Shared.Rent(size);
        Interlocked.Add(ref _used, array.Length - size);
        return true;
    }

    /// <summary>Gives an array back.</summary>
    internal void Return(byte[] array)
    {
        Interlocked.Add(ref _used, -array.Length);
        ArrayPool<byte>.Shared.Return(array);
    }
}
