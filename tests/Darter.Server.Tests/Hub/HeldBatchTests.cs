using System.Text;
using CsCheck;
using Darter.Server.Hub;

namespace Darter.Server.Tests.Hub;

/// <summary>What is written to a held connection at a time.</summary>
public sealed class HeldBatchTests
{
    [Fact]
    public void Pieces_AreOneChunk_OrTheBytesAsTheyAre() =>
        Gen.Select(Gen.Byte.Array[0, 20_000].List[1, 6], Gen.Bool).List[1, 5].Sample(batches =>
        {
            HeldBatch batch = new();
            foreach ((List<byte[]> pieces, bool isChunk) in batches)
            {
                byte[] all = [.. pieces.SelectMany(piece => piece)];
                pieces.ForEach(piece => batch.Add(piece));
                Assert.Equal(all.Length == 0, batch.IsEmpty);
                if (isChunk && all.Length > 0)
                {
                    byte[] expected = [.. Encoding.ASCII.GetBytes($"{all.Length:x}\r\n"), .. all, .. "\r\n"u8];
                    Assert.Equal(expected, batch.AsChunk());
                }
                else
                {
                    Assert.Equal(all, batch.AsBytes());
                }

                batch.Clear();
            }
        });

    [Fact]
    public void LargeMessage_LeavesNothingBehind()
    {
        HeldBatch batch = new();
        batch.Add(new byte[3_000_000]);
        batch.Clear();
        batch.Add("small"u8);
        Assert.Equal("5\r\nsmall\r\n"u8.ToArray(), batch.AsChunk());
    }
}
