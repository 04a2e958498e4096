using System.Collections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Transport;

/// <summary>
/// A connection's features: those the connection is itself, and those that are set by others (Kestrel sets four or five),
/// which go before. Not synchronized, like Kestrel's own.
/// </summary>
internal sealed class ConnectionFeatures : IFeatureCollection
{
    private static readonly Type[] s_own =
    [
        typeof(IConnectionIdFeature),
        typeof(IConnectionTransportFeature),
        typeof(IConnectionItemsFeature),
        typeof(IConnectionLifetimeFeature),
        typeof(IConnectionEndPointFeature),
        typeof(IMemoryPoolFeature),
        typeof(IEventLoopFeature),
        typeof(IPeerFinishedFeature),
        typeof(IPeerCredentialsFeature),
        typeof(IFileOutputFeature),
        typeof(IDetachFeature),
    ];

    private readonly EpollConnection _connection;
    private KeyValuePair<Type, object?>[] _set = [];
    private int _count;

    internal ConnectionFeatures(EpollConnection connection) => _connection = connection;

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    /// <inheritdoc/>
    public int Revision { get; private set; }

    /// <inheritdoc/>
    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            int index = IndexOf(key);
            if (index >= 0)
            {
                return _set[index].Value;
            }

            return Array.IndexOf(s_own, key) >= 0 ? _connection : null;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Revision++;
            int index = IndexOf(key);
            if (index < 0)
            {
                if (_count == _set.Length)
                {
                    Array.Resize(ref _set, Math.Max(_count * 2, 6));
                }

                index = _count++;
            }

            // A feature that is taken away stays as a null entry, so that it hides the connection's own.
            _set[index] = new KeyValuePair<Type, object?>(key, value);
        }
    }

    /// <inheritdoc/>
    public TFeature? Get<TFeature>()
    {
        return (TFeature?)this[typeof(TFeature)];
    }

    /// <inheritdoc/>
    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        for (int i = 0; i < _count; i++)
        {
            if (_set[i].Value is { } value)
            {
                yield return new KeyValuePair<Type, object>(_set[i].Key, value);
            }
        }

        foreach (Type type in s_own)
        {
            if (IndexOf(type) < 0)
            {
                yield return new KeyValuePair<Type, object>(type, _connection);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(Type key)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_set[i].Key == key)
            {
                return i;
            }
        }

        return -1;
    }
}
