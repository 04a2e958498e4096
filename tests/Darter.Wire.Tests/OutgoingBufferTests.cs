using CsCheck;

namespace Darter.Wire.Tests;

public class OutgoingBufferTests
{
    [Fact]
    public void AnySequenceOfOperations_BehavesAsAListOfBytes() =>
        Gen.Const(0)
            .Select(_ => (new OutgoingBuffer(32), new List<byte>()))
            .SampleModelBased(
                Operation(
                    Gen.Byte.Array[0, 200],
                    (buffer, bytes) =>
                    {
                        bytes.CopyTo(buffer.GetSpan(bytes.Length));
                        buffer.Advance(bytes.Length);
                    },
                    (list, bytes) => list.AddRange(bytes)),
                Operation(
                    Gen.Byte.Array[0, 200],
                    (buffer, bytes) =>
                    {
                        // More room is asked for than is used.
                        bytes.CopyTo(buffer.GetSpan(bytes.Length + 500));
                        buffer.Advance(bytes.Length);
                    },
                    (list, bytes) => list.AddRange(bytes)),
                Operation(
                    Gen.Int[0, 1000],
                    (buffer, count) => buffer.Consume(count % (buffer.Length + 1)),
                    (list, count) => list.RemoveRange(0, count % (list.Count + 1))),
                Operation(
                    Gen.Int[0, 1000],
                    (buffer, count) => buffer.Truncate(count % (buffer.Length + 1)),
                    (list, count) => list.RemoveRange(count % (list.Count + 1), list.Count - (count % (list.Count + 1)))),
                Operation(
                    Gen.Select(Gen.Int[0, 1000], Gen.Byte),
                    (buffer, change) =>
                    {
                        if (buffer.Length > 0)
                        {
                            buffer.Written(change.Item1 % buffer.Length)[0] = change.Item2;
                        }
                    },
                    (list, change) =>
                    {
                        if (list.Count > 0)
                        {
                            list[change.Item1 % list.Count] = change.Item2;
                        }
                    }),
                equal: (buffer, list) => buffer.Length == list.Count && buffer.Span.SequenceEqual(list.ToArray()));

    [Fact]
    public void GetSpan_AnySize_HasAtLeastIt() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[0, 5000]).Sample((used, size) =>
        {
            using var buffer = new OutgoingBuffer(32);
            buffer.GetSpan(used);
            buffer.Advance(used);
            Assert.True(buffer.GetSpan(size).Length >= size);
            Assert.Equal(used, buffer.Length);
        });

    [Fact]
    public void Consume_AllAfterABurst_ReturnsToTheInitialSize()
    {
        using var buffer = new OutgoingBuffer(1024);
        buffer.GetSpan(1 << 20);
        buffer.Advance(1 << 20);
        buffer.Consume(1 << 20);
        Assert.InRange(buffer.GetSpan(1).Length, 1024, 4 * 1024);
    }

    [Fact]
    public void Dispose_Twice_ReturnsTheArrayOnce()
    {
        var buffer = new OutgoingBuffer(1024);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Equal(0, buffer.Length);
    }

    private static GenOperation<OutgoingBuffer, List<byte>> Operation<T>(
        Gen<T> gen, Action<OutgoingBuffer, T> actual, Action<List<byte>, T> model) =>
        gen.Operation<OutgoingBuffer, List<byte>>((buffer, value) => actual(buffer, value), (list, value) => model(list, value));
}
