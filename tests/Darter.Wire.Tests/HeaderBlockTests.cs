using CsCheck;

namespace Darter.Wire.Tests;

public class HeaderBlockTests
{
    [Fact]
    public void TryRead_AnyFields_ComeBackInOrder() =>
        Gen.Select(Generate.Fields, Gen.Byte.Array[0, 20]).Sample((fields, behind) =>
        {
            byte[] bytes = Generate.HeaderBlockBytes(fields);
            Assert.True(HeaderBlock.TryRead([.. bytes, .. behind], out HeaderBlock block, out ReadOnlySpan<byte> rest));
            Assert.Equal(behind, rest);
            Assert.Equal(bytes, block.Bytes);
            Assert.Equal(fields.Length, block.Count);
            int index = 0;
            foreach (HeaderBlock.Field field in block)
            {
                Assert.Equal(fields[index].Name, field.Name);
                Assert.Equal(fields[index].Value, field.Value);
                Assert.Equal(4 + field.Name.Length + field.Value.Length, field.Entry.Length);
                index++;
            }

            Assert.Equal(fields.Length, index);
        });

    [Fact]
    public void TryFind_AnyFields_GivesTheLastOfTheName() =>
        Gen.Select(Generate.Fields, Gen.Int[0, 1000]).Sample((fields, chosen) =>
        {
            Assert.True(HeaderBlock.TryRead(Generate.HeaderBlockBytes(fields), out HeaderBlock block, out _));
            Assert.False(block.TryFind("no name as Generate makes them"u8, out _));
            if (fields.Length > 0)
            {
                byte[] name = fields[chosen % fields.Length].Name;
                Assert.True(block.TryFind(name, out ReadOnlySpan<byte> value));
                Assert.Equal(fields.Last(field => field.Name.AsSpan().SequenceEqual(name)).Value, value);
            }
        });

    [Fact]
    public void TryFind_InNoBlock_FindsNothing() => Assert.False(default(HeaderBlock).TryFind("a"u8, out _));

    [Fact]
    public void TryRead_TruncatedAtEveryByte_IsRejected() =>
        Generate.Fields.Sample(
            fields =>
            {
                byte[] bytes = Generate.HeaderBlockBytes(fields);
                for (int length = 0; length < bytes.Length; length++)
                {
                    Assert.False(HeaderBlock.TryRead(bytes.AsSpan(0, length), out _, out _));
                }
            },
            iter: 50);

    [Fact]
    public void TryRead_RandomBytes_NeverThrowsAndAcceptsOnlyWholeBlocks() =>
        Gen.Select(Gen.Byte[0, 3], Gen.OneOf(Gen.Byte, Gen.Byte[0, 4]).Array[0, 60]).Sample((count, body) =>
        {
            byte[] bytes = [count, 0, .. body];
            if (!HeaderBlock.TryRead(bytes, out HeaderBlock block, out ReadOnlySpan<byte> rest))
            {
                return;
            }

            Assert.Equal(bytes.Length, block.Bytes.Length + rest.Length);
            int size = 2;
            int fields = 0;
            foreach (HeaderBlock.Field field in block)
            {
                Assert.NotEqual(0, field.Name.Length);
                size += field.Entry.Length;
                fields++;
            }

            Assert.Equal(count, fields);
            Assert.Equal(block.Bytes.Length, size);
        });

    [Fact]
    public void TryRead_EmptyName_IsRejected()
    {
        byte[] bytes = [1, 0, 0, 0, 1, 0, (byte)'v'];
        Assert.False(HeaderBlock.TryRead(bytes, out _, out _));
    }

    [Fact]
    public void WriteField_LongestNameAndValue_RoundTrips()
    {
        (byte[], byte[])[] fields = [(new byte[ChannelFormat.MaxHeaderField], new byte[ChannelFormat.MaxHeaderField])];
        Assert.True(HeaderBlock.TryRead(Generate.HeaderBlockBytes(fields), out HeaderBlock block, out ReadOnlySpan<byte> rest));
        Assert.True(rest.IsEmpty);
        Assert.Equal(1, block.Count);
    }
}
