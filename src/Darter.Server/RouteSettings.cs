using System.Buffers.Binary;
using System.Text;

namespace Darter.Server;

/// <summary>What a route says of requests to an application.</summary>
internal sealed class RouteSettings
{
    internal static readonly RouteSettings Default = new();

    /// <summary>Whether answers may be kept, if there is a cache.</summary>
    internal bool KeepsAnswers { get; init; } = true;

    /// <summary>How long an answer is fresh that says nothing of it; null: as the cache has it.</summary>
    internal TimeSpan? Ttl { get; init; }

    /// <summary>Tells its answers from those of other routes for the same address, where a route depends on more than that; empty: none does.</summary>
    internal string CacheVariant { get; init; } = "";

    /// <summary>How long it may take until the response begins; null: as the workers have it.</summary>
    internal TimeSpan? Timeout { get; init; }

    /// <summary>How the operator finds the route.</summary>
    internal string Name { get; init; } = "";

    /// <summary>The variable SCRIPT_NAME in the form of <see cref="Wire.HeaderBlock"/> without its count; empty: the application is not mounted.</summary>
    internal byte[] MountVariable { get; private init; } = [];

    /// <summary>Where the application is mounted.</summary>
    internal string Mount
    {
        init => MountVariable = value.Length == 0 ? [] : Encode("SCRIPT_NAME"u8, Encoding.UTF8.GetBytes(value));
    }

    private static byte[] Encode(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        byte[] encoded = new byte[4 + name.Length + value.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(encoded, (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(encoded.AsSpan(2), (ushort)value.Length);
        name.CopyTo(encoded.AsSpan(4));
        value.CopyTo(encoded.AsSpan(4 + name.Length));
        return encoded;
    }
}
