namespace Darter.Server.SharedValues;

/// <summary>Compares keys by their bytes. Hashes differ from process to process, so that nobody can choose keys that collide.</summary>
internal sealed class KeyComparer : IEqualityComparer<byte[]>
{
    private KeyComparer()
    {
    }

    internal static KeyComparer Instance { get; } = new();

    /// <inheritdoc/>
    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    /// <inheritdoc/>
    public int GetHashCode(byte[] obj)
    {
        HashCode hash = default;
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
