namespace Darter.Server.SharedValues;

/// <summary>A key with its value and its place in the order of use.</summary>
internal sealed class ValueNode(byte[] key, StoredValue value, long expiresAt)
{
    // This object, the record, two arrays and the place in the table. Measured generously.
    private const int Overhead = 224;

    /// <summary>The key.</summary>
    internal byte[] Key { get; } = key;

    /// <summary>The value.</summary>
    internal StoredValue Value { get; } = value;

    /// <summary>When its time is over, in milliseconds of the store's clock.</summary>
    internal long ExpiresAt { get; set; } = expiresAt;

    /// <summary>Bytes it takes.</summary>
    internal long Size => SizeOf(Key.Length, Value.Data.Length);

    /// <summary>The one that was used next after it.</summary>
    internal ValueNode? Newer { get; set; }

    /// <summary>The one that was used last before it.</summary>
    internal ValueNode? Older { get; set; }

    /// <summary>Bytes that a key and a value of these lengths take.</summary>
    internal static long SizeOf(int key, int value) => Overhead + key + value;
}
