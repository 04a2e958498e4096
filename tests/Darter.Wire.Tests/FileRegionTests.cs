using CsCheck;

namespace Darter.Wire.Tests;

public class FileRegionTests
{
    [Fact]
    public void TryRead_AnyRegion_IsAcceptedWhenNotNegative() =>
        Gen.Select(Gen.Long, Gen.Long).Sample((offset, length) =>
        {
            var payload = new byte[FileRegion.Size];
            FileRegion.Write(payload, offset, length);
            Assert.Equal(offset >= 0 && length >= 0, FileRegion.TryRead(payload, out long readOffset, out long readLength));
            Assert.Equal((offset, length), (readOffset, readLength));
        });

    [Fact]
    public void TryRead_OtherLength_IsRejected()
    {
        for (int length = 0; length < 40; length++)
        {
            Assert.Equal(length == FileRegion.Size, FileRegion.TryRead(new byte[length], out _, out _));
        }
    }
}
