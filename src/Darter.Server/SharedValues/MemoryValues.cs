namespace Darter.Server.SharedValues;

/// <summary>Values in this process's memory. Their bytes never exceed the limit: those that were used longest ago go first.</summary>
internal sealed class MemoryValues : IValueStore
{
    // So many are looked at each time room is needed: whose time is over should go before others do.
    private const int Steps = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], ValueNode> _nodes = new(KeyComparer.Instance);
    private readonly ValueOrder _order = new();
    private readonly TimeProvider _time;
    private readonly long _size;
    private readonly int _maxValue;
    private ulong _unique;
    private long _evicted;
    private long _expired;

    /// <param name="size">Bytes that all values may take.</param>
    /// <param name="maxValue">Most bytes of a value.</param>
    /// <param name="time">The clock.</param>
    internal MemoryValues(long size, int maxValue, TimeProvider time)
    {
        _size = size;
        _maxValue = maxValue;
        _time = time;
    }

    private long Now => (long)_time.GetElapsedTime(0, _time.GetTimestamp()).TotalMilliseconds;

    /// <inheritdoc/>
    public ValueTask<StoredValue?[]> GetAsync(IReadOnlyList<byte[]> keys, Lifetime? lifetime)
    {
        StoredValue?[] values = new StoredValue?[keys.Count];
        lock (_gate)
        {
            long now = Now;
            for (int i = 0; i < values.Length; i++)
            {
                if (Find(keys[i], now) is { } node)
                {
                    values[i] = node.Value;
                    _order.Use(node);
                    if (lifetime is { } time)
                    {
                        SetLifetime(node, time, now);
                    }
                }
            }
        }

        return ValueTask.FromResult(values);
    }

    /// <inheritdoc/>
    public ValueTask<StoreOutcome> StoreAsync(byte[] key, StoreOrder order)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Store(key, order, Now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<(CountOutcome Outcome, byte[] Number)> CountAsync(byte[] key, CountStep step)
    {
        lock (_gate)
        {
            if (Find(key, Now) is not { } node)
            {
                return ValueTask.FromResult((CountOutcome.NotFound, Array.Empty<byte>()));
            }

            CountOutcome outcome = step.Apply(node.Value.Data, out byte[] number);
            if (outcome == CountOutcome.Counted)
            {
                Put(key, node.Value.Flags, number, node.ExpiresAt, node);
            }

            return ValueTask.FromResult((outcome, number));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TouchAsync(byte[] key, Lifetime lifetime)
    {
        lock (_gate)
        {
            long now = Now;
            if (Find(key, now) is not { } node)
            {
                return ValueTask.FromResult(false);
            }

            _order.Use(node);
            SetLifetime(node, lifetime, now);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(byte[] key)
    {
        lock (_gate)
        {
            if (Find(key, Now) is not { } node)
            {
                return ValueTask.FromResult(false);
            }

            Remove(node);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync()
    {
        lock (_gate)
        {
            _nodes.Clear();
            _nodes.TrimExcess();
            _order.Clear();
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueReport Report()
    {
        lock (_gate)
        {
            return new ValueReport(_size, _order.Bytes, _nodes.Count, _evicted, _expired);
        }
    }

    private StoreOutcome Store(byte[] key, in StoreOrder order, long now)
    {
        ValueNode? node = Find(key, now);
        switch (order.Mode)
        {
            case StoreMode.Add when node is not null:
                // As memcached: whoever asks for it uses it.
                _order.Use(node);
                return StoreOutcome.NotStored;
            case StoreMode.Replace or StoreMode.Append or StoreMode.Prepend when node is null:
                return StoreOutcome.NotStored;
            case StoreMode.CompareAndSwap when node is null:
                return StoreOutcome.NotFound;
            case StoreMode.CompareAndSwap when node.Value.Unique != order.Seen:
                return StoreOutcome.Exists;
        }

        bool isAdded = order.Mode is StoreMode.Append or StoreMode.Prepend;
        byte[] data = order.Mode switch
        {
            StoreMode.Append => [.. node!.Value.Data, .. order.Data],
            StoreMode.Prepend => [.. order.Data, .. node!.Value.Data],
            _ => order.Data,
        };
        if (data.Length > _maxValue || ValueNode.SizeOf(key.Length, data.Length) > _size)
        {
            // What is there is out of date, unless nothing was to take its place.
            if (node is not null && !isAdded)
            {
                Remove(node);
            }

            return StoreOutcome.TooLarge;
        }

        Put(key, isAdded ? node!.Value.Flags : order.Flags, data, isAdded ? node!.ExpiresAt : EndOf(order.Lifetime, now), node);
        return StoreOutcome.Stored;
    }

    private void Put(byte[] key, uint flags, byte[] data, long expiresAt, ValueNode? earlier)
    {
        if (earlier is not null)
        {
            Remove(earlier);
        }

        ValueNode node = new(key, new StoredValue(flags, data, ++_unique), expiresAt);
        MakeRoom(node.Size);
        _nodes.Add(key, node);
        _order.Add(node);
    }

    /// <summary>Has values go until there is room for so many bytes, which is less than all.</summary>
    private void MakeRoom(long bytes)
    {
        if (_order.Bytes + bytes <= _size)
        {
            return;
        }

        long now = Now;
        for (int i = 0; i < Steps && _order.Walk() is { } node; i++)
        {
            if (node.ExpiresAt <= now)
            {
                Remove(node);
                _expired++;
            }
        }

        while (_order.Bytes + bytes > _size && _order.Oldest is { } oldest)
        {
            if (oldest.ExpiresAt <= now)
            {
                _expired++;
            }
            else
            {
                _evicted++;
            }

            Remove(oldest);
        }
    }

    private ValueNode? Find(byte[] key, long now)
    {
        if (!_nodes.TryGetValue(key, out ValueNode? node))
        {
            return null;
        }

        if (node.ExpiresAt > now)
        {
            return node;
        }

        Remove(node);
        _expired++;
        return null;
    }

    private void Remove(ValueNode node)
    {
        _nodes.Remove(node.Key);
        _order.Remove(node);
    }

    private static void SetLifetime(ValueNode node, Lifetime lifetime, long now) => node.ExpiresAt = EndOf(lifetime, now);

    private static long EndOf(Lifetime lifetime, long now) => lifetime.IsEndless ? long.MaxValue : now + lifetime.Milliseconds;
}
