namespace Darter.Server.SharedValues;

/// <summary>Values in the order in which they were used, and one that walks along it, looking for those whose time is over.</summary>
internal sealed class ValueOrder
{
    private ValueNode? _newest;
    private ValueNode? _walker;

    /// <summary>The one that was used longest ago.</summary>
    internal ValueNode? Oldest { get; private set; }

    /// <summary>Bytes of all.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Puts one in as the newest.</summary>
    internal void Add(ValueNode node)
    {
        node.Newer = null;
        node.Older = _newest;
        if (_newest is null)
        {
            Oldest = node;
        }
        else
        {
            _newest.Newer = node;
        }

        _newest = node;
        Bytes += node.Size;
    }

    /// <summary>Takes one out.</summary>
    internal void Remove(ValueNode node)
    {
        if (_walker == node)
        {
            _walker = node.Newer;
        }

        if (node.Older is null)
        {
            Oldest = node.Newer;
        }
        else
        {
            node.Older.Newer = node.Newer;
        }

        if (node.Newer is null)
        {
            _newest = node.Older;
        }
        else
        {
            node.Newer.Older = node.Older;
        }

        node.Newer = node.Older = null;
        Bytes -= node.Size;
    }

    /// <summary>One was used.</summary>
    internal void Use(ValueNode node)
    {
        if (node != _newest)
        {
            Remove(node);
            Add(node);
        }
    }

    /// <summary>The next one on the way from the oldest to the newest, and again; null: there are none.</summary>
    internal ValueNode? Walk()
    {
        ValueNode? node = _walker ?? Oldest;
        _walker = node?.Newer;
        return node;
    }

    /// <summary>Takes all out.</summary>
    internal void Clear()
    {
        Oldest = _newest = _walker = null;
        Bytes = 0;
    }
}
