using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Darter.Gateway.Runtime;

/// <summary>A fast hash of bytes for the caches, which compare the bytes as well: nothing depends on its strength.</summary>
internal static class BytesHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    /// <summary>Hash of all bytes and their number.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        nuint length = (nuint)bytes.Length;
        ulong hash = length * Multiplier;
        nuint offset = 0;

        // Four chains at a time, so that the multiplications overlap.
        if (length >= 32)
        {
            ulong a = hash, b = ~hash, c = hash << 1, d = hash >> 1;
            for (; offset + 32 <= length; offset += 32)
            {
                a = Step(a, Read(ref start, offset));
                b = Step(b, Read(ref start, offset + 8));
                c = Step(c, Read(ref start, offset + 16));
                d = Step(d, Read(ref start, offset + 24));
            }

            hash = Step(Step(a, b), Step(c, d));
        }

        for (; offset + 8 <= length; offset += 8)
        {
            hash = Step(hash, Read(ref start, offset));
        }

        ulong tail = 0;
        for (; offset < length; offset++)
        {
            tail = (tail << 8) | Unsafe.Add(ref start, offset);
        }

        hash = Step(hash, tail);
        return hash ^ (hash >> 29);
    }

    private static ulong Read(ref byte start, nuint offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset));

    private static ulong Step(ulong hash, ulong word) => BitOperations.RotateLeft(hash ^ word, 27) * Multiplier;
}
