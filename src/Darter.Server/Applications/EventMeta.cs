using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>
/// What an application has the front remember about a WebSocket: set by <c>Set-Meta-NAME</c> in an answer, and told in
/// <c>Meta-NAME</c> of each request that follows.
/// </summary>
internal sealed class EventMeta
{
    /// <summary>Most bytes of all names and values.</summary>
    internal const int MaxSize = 16 * 1024;

    private const int LengthsSize = 4;

    private readonly List<(byte[] Name, byte[] Value)> _fields = [];
    private int _content;

    /// <summary>How many there are.</summary>
    internal int Count => _fields.Count;

    /// <summary>Bytes they take as fields.</summary>
    internal int Size => _content + (_fields.Count * (LengthsSize + "meta-".Length));

    /// <summary>Sets one; an empty value removes it. False: they are too long together.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="value">The value.</param>
    internal bool TrySet(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        for (int i = 0; i < _fields.Count; i++)
        {
            if (name.SequenceEqual(_fields[i].Name))
            {
                _content -= _fields[i].Name.Length + _fields[i].Value.Length;
                _fields.RemoveAt(i);
                break;
            }
        }

        if (value.IsEmpty)
        {
            return true;
        }

        if (_content + name.Length + value.Length > MaxSize)
        {
            return false;
        }

        _content += name.Length + value.Length;
        _fields.Add((name.ToArray(), value.ToArray()));
        return true;
    }

    /// <summary>Writes the fields; returns the bytes written.</summary>
    internal int Write(Span<byte> destination)
    {
        int offset = 0;
        foreach ((byte[] name, byte[] value) in _fields)
        {
            offset += HeaderBlock.WriteField(destination[offset..], [.. "meta-"u8, .. name], value);
        }

        return offset;
    }
}
