using System.Globalization;
using System.Text;

namespace Darter.Integration.Tests.Files;

/// <summary>Conditions and ranges (RFC 9110, sections 13 and 14).</summary>
public sealed class RangeTests(ServerPool pool) : FilesTest(pool)
{
    private const string Digits = "0123456789";
    private const string Modified = "Thu, 16 May 2024 10:30:00 GMT";

    [Theory]
    [InlineData("bytes=0-3", "0123", "bytes 0-3/10")]
    [InlineData("bytes=4-", "456789", "bytes 4-9/10")]
    [InlineData("bytes=-3", "789", "bytes 7-9/10")]
    [InlineData("bytes=-30", Digits, "bytes 0-9/10")]
    [InlineData("bytes=8-100", "89", "bytes 8-9/10")]
    [InlineData("Bytes=0-0", "0", "bytes 0-0/10")]
    [InlineData("bytes= 0-1", "01", "bytes 0-1/10")]
    [InlineData("bytes=0-1,20-30", "01", "bytes 0-1/10")]
    [InlineData("bytes=2-99999999999999999999999", "23456789", "bytes 2-9/10")]
    public async Task Range_OfAFile_Is206(string range, string text, string contentRange)
    {
        Write("a.bin", Digits);
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, "/a.bin", $"Range: {range}\r\n");
        Assert.Equal(206, response.Status);
        Assert.Equal(contentRange, response["Content-Range"]);
        Assert.Equal(text, response.Text);
    }

    [Theory]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=")]
    [InlineData("bytes=,")]
    [InlineData("bytes=-")]
    [InlineData("bytes=1")]
    [InlineData("bytes=+1-2")]
    [InlineData("lines=0-3")]
    [InlineData("0-3")]
    [InlineData("bytes=0-5,3-9")]
    public async Task Range_ThatIsNoneOrAllOfIt_IsIgnored(string range)
    {
        Write("a.bin", Digits);
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, "/a.bin", $"Range: {range}\r\n");
        Assert.Equal(200, response.Status);
        Assert.Equal(Digits, response.Text);
        Assert.Equal("bytes", response["Accept-Ranges"]);
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-20")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999999999999999-")]
    public async Task Range_BehindTheEnd_Is416(string range)
    {
        Write("a.bin", Digits);
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, "/a.bin", $"Range: {range}\r\n");
        Assert.Equal(416, response.Status);
        Assert.Equal("bytes */10", response["Content-Range"]);
    }

    [Fact]
    public async Task Ranges_Several_AreAMultipartBody()
    {
        string text = string.Concat(Enumerable.Range(0, 1000).Select(i => i.ToString("0000", CultureInfo.InvariantCulture)));
        Write("a.txt", text);
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, "/a.txt", "Range: bytes=2000-2007, 0-3, -4\r\n");
        Assert.Equal(206, response.Status);
        Assert.Null(response["Content-Range"]);
        string boundary = response["Content-Type"]!.Split("boundary=")[1];
        string expected = string.Concat(new[] { ("2000-2007", text[2000..2008]), ("0-3", "0000"), ("3996-3999", "0999") }.Select((part, index) =>
            $"{(index == 0 ? "" : "\r\n")}--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes {part.Item1}/4000\r\n\r\n{part.Item2}"));
        Assert.Equal($"{expected}\r\n--{boundary}--\r\n", response.Text);
        Assert.Equal(response.Body.Length.ToString(CultureInfo.InvariantCulture), response["Content-Length"]);
    }

    [Fact]
    public async Task Ranges_ThatOverlapOrAreMany_DoNotMultiplyTheFile()
    {
        Write("a.bin", new byte[10_000]);
        DarterServer server = await ServeAsync();
        RawResponse overlapping = await GetAsync(server, "/a.bin", $"Range: bytes={string.Join(',', Enumerable.Range(0, 60).Select(i => $"{i}-9000"))}\r\n");
        Assert.Equal(206, overlapping.Status);
        Assert.Equal("bytes 0-9000/10000", overlapping["Content-Range"]);
        RawResponse many = await GetAsync(server, "/a.bin", $"Range: bytes={string.Join(',', Enumerable.Range(0, 500).Select(i => $"{i * 10}-{i * 10}"))}\r\n");
        Assert.Equal(200, many.Status);
        Assert.Equal(10_000, many.Body.Length);
    }

    [Theory]
    [InlineData("If-None-Match: {tag}", 304)]
    [InlineData("If-None-Match: W/{tag}", 304)]
    [InlineData("If-None-Match: \"x\", {tag}", 304)]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"x\"", 200)]
    [InlineData("If-Modified-Since: " + Modified, 304)]
    [InlineData("If-Modified-Since: Fri, 17 May 2024 10:30:00 GMT", 304)]
    [InlineData("If-Modified-Since: Wed, 15 May 2024 10:30:00 GMT", 200)]
    [InlineData("If-Modified-Since: yesterday", 200)]
    [InlineData("If-None-Match: \"x\"\r\nIf-Modified-Since: " + Modified, 200)]
    [InlineData("If-Match: {tag}", 200)]
    [InlineData("If-Match: *", 200)]
    [InlineData("If-Match: \"x\", {tag}", 200)]
    [InlineData("If-Match: W/{tag}", 412)]
    [InlineData("If-Match: \"x\"", 412)]
    [InlineData("If-Unmodified-Since: " + Modified, 200)]
    [InlineData("If-Unmodified-Since: Wed, 15 May 2024 10:30:00 GMT", 412)]
    [InlineData("If-Match: {tag}\r\nIf-Unmodified-Since: Wed, 15 May 2024 10:30:00 GMT", 200)]
    [InlineData("If-Match: {tag}\r\nIf-None-Match: {tag}", 304)]
    [InlineData("Range: bytes=0-1\r\nIf-Range: {tag}", 206)]
    [InlineData("Range: bytes=0-1\r\nIf-Range: W/{tag}", 200)]
    [InlineData("Range: bytes=0-1\r\nIf-Range: \"x\"", 200)]
    [InlineData("Range: bytes=0-1\r\nIf-Range: " + Modified, 206)]
    [InlineData("Range: bytes=0-1\r\nIf-Range: Fri, 17 May 2024 10:30:00 GMT", 200)]
    [InlineData("Range: bytes=0-1\r\nIf-None-Match: {tag}", 304)]
    [InlineData("Range: bytes=50-\r\nIf-Range: \"x\"", 200)]
    public async Task Condition_OfARequest_Decides(string fields, int status)
    {
        Write("a.bin", Digits);
        DarterServer server = await ServeAsync();
        RawResponse plain = await GetAsync(server, "/a.bin");
        Assert.Equal(Modified, plain["Last-Modified"]);
        RawResponse response = await GetAsync(server, "/a.bin", fields.Replace("{tag}", plain["ETag"], StringComparison.Ordinal) + "\r\n");
        Assert.Equal(status, response.Status);
        if (status == 304)
        {
            Assert.Equal(plain["ETag"], response["ETag"]);
            Assert.Empty(response.Body);
        }
    }

    [Fact]
    public async Task Tag_OfAFileThatHasJustChanged_IsWeakAndChangesWithIt()
    {
        string path = Write("a.bin", Digits);
        DarterServer server = await ServeAsync();
        string strong = (await GetAsync(server, "/a.bin"))["ETag"]!;
        Assert.StartsWith("\"", strong, StringComparison.Ordinal);

        // The same length; a time in the future is as young as can be, whatever the clock does meanwhile.
        await File.WriteAllBytesAsync(path, Encoding.ASCII.GetBytes("9876543210"), TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(1));
        RawResponse changed = await GetAsync(server, "/a.bin", $"If-None-Match: {strong}\r\n");
        Assert.Equal(200, changed.Status);
        Assert.StartsWith("W/", changed["ETag"], StringComparison.Ordinal);
        Assert.Equal(200, (await GetAsync(server, "/a.bin", $"Range: bytes=0-1\r\nIf-Range: {changed["ETag"]}\r\n")).Status);
    }
}
