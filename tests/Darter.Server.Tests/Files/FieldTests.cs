using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Server.Files;
using Darter.Server.Files.Listing;
using Darter.Transport.Files;

namespace Darter.Server.Tests.Files;

/// <summary>Header fields, names and hashes.</summary>
public sealed class FieldTests
{
    [Theory]
    [InlineData("gzip, deflate, br, zstd", "Gzip, Brotli, Zstandard")]
    [InlineData("gzip", "Gzip")]
    [InlineData("GZIP;q=1.0", "Gzip")]
    [InlineData("gzip;q=0.5, br;q=0.8", "Brotli")]
    [InlineData("gzip;q=0", "None")]
    [InlineData("*", "Gzip, Brotli, Zstandard")]
    [InlineData("*, br;q=0", "Gzip, Zstandard")]
    [InlineData("identity, gzip;q=0.5", "None")]
    [InlineData("identity;q=0.5, gzip", "Gzip")]
    [InlineData("gzip;q=nonsense", "None")]
    [InlineData("", "None")]
    public void AcceptedCodings_OfAField_AreThoseRatedHighest(string field, string codings) =>
        Assert.Equal(codings, AcceptedCodings.Parse(field).ToString());

    [Theory]
    [InlineData("\"a\"", "\"a\"", true, true)]
    [InlineData("W/\"a\"", "\"a\"", true, false)]
    [InlineData("W/\"a\"", "\"a\"", false, true)]
    [InlineData("\"a\"", "W/\"a\"", true, false)]
    [InlineData("\"b\" , \"a\"", "\"a\"", true, true)]
    [InlineData("\"b,\"a\"", "\"a\"", true, false)]
    [InlineData("a", "\"a\"", false, false)]
    [InlineData("*", "\"a\"", true, true)]
    public void EntityTags_OfAList_AreCompared(string list, string tag, bool strongly, bool matches) =>
        Assert.Equal(matches, EntityTags.Contains(list, tag, strongly));

    [Fact]
    public void Validators_OfAFile_AreWeakUntilItsClockHasMovedOn()
    {
        DateTimeOffset now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        FileStatus young = new(FileKind.Regular, 10, now.ToUnixTimeSeconds() - 1, 0, 7, default);
        FileStatus old = young with { ModifiedSeconds = now.ToUnixTimeSeconds() - 2 };
        Assert.False(Validators.Of(young, now).IsStrong);
        Assert.True(Validators.Of(old, now).IsStrong);
        Assert.Equal($"W/{Validators.Of(young, now.AddMinutes(1)).Tag}", Validators.Of(young, now).Tag);
        Assert.NotEqual(Validators.Of(old, now).Tag, Validators.Of(old with { ModifiedNanoseconds = 1 }, now).Tag);
        Assert.NotEqual(Validators.Of(old, now).Tag, Validators.Of(old with { Length = 11 }, now).Tag);
        Assert.NotEqual(Validators.Of(old, now).Tag, Validators.Of(old with { Inode = 8 }, now).Tag);
    }

    [Fact]
    public void Validators_OfAFileFromTheFuture_HaveTheTimeOfTheResponse()
    {
        DateTimeOffset now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        FileStatus file = new(FileKind.Regular, 10, now.ToUnixTimeSeconds() + 3600, 0, 7, default);
        Assert.Equal("Fri, 02 Jan 2026 03:04:05 GMT", Validators.Of(file, now).LastModified);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(9949, "9.9 kB")]
    [InlineData(9951, "10 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1.0 MB")]
    [InlineData(4_928_307_200, "4.9 GB")]
    [InlineData(long.MaxValue, "9.2 EB")]
    public void SizeNames_OfBytes_HaveAUnit(long bytes, string text) => Assert.Equal(text, SizeNames.Of(bytes));

    [Fact]
    public void PasswordHash_MatchesItsPasswordAlone()
    {
        PasswordHash hash = PasswordHash.Create("sécret");
        Assert.True(PasswordHash.TryParse(hash.ToString(), out PasswordHash? read));
        Assert.True(read.Matches("sécret"));
        Assert.False(read.Matches("secret"));
        Assert.NotEqual(hash.ToString(), PasswordHash.Create("sécret").ToString());
    }

    [Fact]
    public void PasswordHash_OfWerkzeug_IsRead()
    {
        // generate_password_hash("my password", "pbkdf2:sha256:1000")
        Assert.True(PasswordHash.TryParse("pbkdf2:sha256:1000$gM1Zr2cM$6bbb357b7ed0a4d946a0c1180516b58e109ebc9562a24195bbbe8b5f04c793c8", out PasswordHash? hash));
        Assert.True(hash.Matches("my password"));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("pbkdf2:sha256:999$salt$0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("pbkdf2:sha1:1000$salt$0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("pbkdf2:sha256:1000$$0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("pbkdf2:sha256:1000$salt$00")]
    public void PasswordHash_OfAnythingElse_IsRefused(string text) => Assert.False(PasswordHash.TryParse(text, out _));
}
