using System.Buffers.Binary;

namespace Darter.Wire;

/// <summary>
/// Header fields as they travel: count (2), then for each the length of its name (2) and of its value (2), the name in
/// lower case and the value. A field that occurs several times is several entries, in their order.
/// </summary>
public readonly ref struct HeaderBlock(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Number of fields.</summary>
    public int Count => BinaryPrimitives.ReadUInt16LittleEndian(_bytes);

    /// <summary>The whole block.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>
    /// Finds the block at the start of <paramref name="source"/>, checks every length in it and returns what lies behind
    /// it. False: the block is not well formed.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out HeaderBlock block, out ReadOnlySpan<byte> rest)
    {
        block = default;
        rest = default;
        if (source.Length < 2)
        {
            return false;
        }

        int offset = 2;
        for (int left = BinaryPrimitives.ReadUInt16LittleEndian(source); left > 0; left--)
        {
            if (source.Length - offset < 4)
            {
                return false;
            }

            int name = BinaryPrimitives.ReadUInt16LittleEndian(source[offset..]);
            int value = BinaryPrimitives.ReadUInt16LittleEndian(source[(offset + 2)..]);
            offset += 4;
            if (name == 0 || source.Length - offset < name + value)
            {
                return false;
            }

            offset += name + value;
        }

        block = new HeaderBlock(source[..offset]);
        rest = source[offset..];
        return true;
    }

    /// <summary>Finds the last field of a name; false: there is none, or no block at all.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        bool isFound = false;
        value = default;
        if (_bytes.IsEmpty)
        {
            return false;
        }

        foreach (Field field in this)
        {
            if (field.Name.SequenceEqual(name))
            {
                value = field.Value;
                isFound = true;
            }
        }

        return isFound;
    }

    /// <summary>Enumerates the fields of a block that <see cref="TryRead"/> accepted.</summary>
    public Enumerator GetEnumerator() => new(_bytes);

    /// <summary>Writes one field; the destination must have room for 4 bytes, the name and the value. Returns the bytes written.</summary>
    public static int WriteField(Span<byte> destination, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)value.Length);
        name.CopyTo(destination[4..]);
        value.CopyTo(destination[(4 + name.Length)..]);
        return 4 + name.Length + value.Length;
    }

    /// <summary>A field.</summary>
    public readonly ref struct Field(ReadOnlySpan<byte> entry, int nameLength)
    {
        private readonly ReadOnlySpan<byte> _entry = entry;

        /// <summary>Lower-case name.</summary>
        public ReadOnlySpan<byte> Name => _entry.Slice(4, nameLength);

        /// <summary>Value, without surrounding white space.</summary>
        public ReadOnlySpan<byte> Value => _entry[(4 + nameLength)..];

        /// <summary>The entry as it travels, a key for caches.</summary>
        public ReadOnlySpan<byte> Entry => _entry;
    }

    /// <summary>Enumerator over the fields.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> block)
        {
            _left = BinaryPrimitives.ReadUInt16LittleEndian(block);
            _rest = block[2..];
            Current = default;
        }

        /// <summary>The current field.</summary>
        public Field Current { get; private set; }

        /// <summary>Moves to the next field.</summary>
        public bool MoveNext()
        {
            if (_left == 0)
            {
                return false;
            }

            _left--;
            int name = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
            int size = 4 + name + BinaryPrimitives.ReadUInt16LittleEndian(_rest[2..]);
            Current = new Field(_rest[..size], name);
            _rest = _rest[size..];
            return true;
        }
    }
}
