namespace Darter.Server.SharedValues;

/// <summary>Keeps values under keys. Each call is one step that no other comes between. Any thread.</summary>
internal interface IValueStore
{
    /// <summary>The values of keys, null where there is none.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="lifetime">How long they are kept from now on; null: as before.</param>
    ValueTask<StoredValue?[]> GetAsync(IReadOnlyList<byte[]> keys, Lifetime? lifetime);

    /// <summary>Stores a value.</summary>
    ValueTask<StoreOutcome> StoreAsync(byte[] key, StoreOrder order);

    /// <summary>Changes a number, which keeps its flags and its time.</summary>
    ValueTask<(CountOutcome Outcome, byte[] Number)> CountAsync(byte[] key, CountStep step);

    /// <summary>Changes how long a value is kept; false: there is none.</summary>
    ValueTask<bool> TouchAsync(byte[] key, Lifetime lifetime);

    /// <summary>Removes a value; false: there is none.</summary>
    ValueTask<bool> DeleteAsync(byte[] key);

    /// <summary>Removes all values.</summary>
    ValueTask ClearAsync();

    /// <summary>How it is at this moment.</summary>
    ValueReport Report();
}
