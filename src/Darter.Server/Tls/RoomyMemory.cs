using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace Darter.Server.Tls;

/// <summary>
/// The memory of a connection of HTTP/3. The platform's pool, which the server takes otherwise, gives none when asked for no
/// size; the server asks it so for where it lets responses to clients that have left be written to, which then fails.
/// </summary>
internal sealed class RoomyMemory : MemoryPool<byte>, IMemoryPoolFeature
{
    /// <summary>The one there is.</summary>
    internal static readonly RoomyMemory Instance = new();

    private const int DefaultSize = 4096;

    private RoomyMemory()
    {
    }

    /// <inheritdoc/>
    public override int MaxBufferSize => Shared.MaxBufferSize;

    /// <inheritdoc/>
    public MemoryPool<byte> MemoryPool => this;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(minBufferSize is 0 or -1 ? DefaultSize : minBufferSize);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
