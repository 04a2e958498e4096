using System.Text;
using CsCheck;
using Darter.Server.Files;

namespace Darter.Server.Tests.Files;

/// <summary>Reading the path of a request.</summary>
public sealed class RequestPathTests
{
    [Theory]
    [InlineData("/", "", "", true)]
    [InlineData("/a/b.txt", "", "a/b.txt", false)]
    [InlineData("/a/b/", "", "a/b", true)]
    [InlineData("//a///b//", "", "a/b", true)]
    [InlineData("/a?b=/../c", "", "a", false)]
    [InlineData("/%61%2562", "", "a%62", false)]
    [InlineData("http://host/a", "", "a", false)]
    [InlineData("http://host", "", "", true)]
    [InlineData("http://host?q", "", "", true)]
    [InlineData("/static/a", "/static", "a", false)]
    [InlineData("/static/", "/static", "", true)]
    [InlineData("/static", "/static", "", false)]
    [InlineData("/a/b/c", "/a/b", "c", false)]
    [InlineData("/%61/b/c", "/a/b", "c", false)]
    [InlineData("/.static/c", "/.static", "c", false)]
    public void Parse_OfAPath_GivesItsParts(string target, string prefix, string bytes, bool slash)
    {
        RequestPath path = RequestPath.Parse(target, prefix)!;
        Assert.Equal(PathSafety.Safe, path.Safety);
        Assert.Equal(bytes, Encoding.UTF8.GetString(path.Bytes));
        Assert.Equal(slash, path.EndsWithSlash);
    }

    [Theory]
    [InlineData("*", "")]
    [InlineData("", "")]
    [InlineData("a:80", "")]
    [InlineData("/staticx/a", "/static")]
    [InlineData("/stati", "/static")]
    [InlineData("/a/x", "/a/b")]
    [InlineData("/a", "/a/b")]
    [InlineData("/x/../static/a", "/static")]
    [InlineData("/%2fstatic/a", "/static")]
    [InlineData("/%zz/static", "/static")]
    public void Parse_OfAnotherPath_IsNull(string target, string prefix) => Assert.Null(RequestPath.Parse(target, prefix));

    [Theory]
    [InlineData("/a/../b", nameof(PathSafety.Unservable))]
    [InlineData("/.", nameof(PathSafety.Unservable))]
    [InlineData("/a%2fb", nameof(PathSafety.Unservable))]
    [InlineData("/.a/..", nameof(PathSafety.Unservable))]
    [InlineData("/.a", nameof(PathSafety.Hidden))]
    [InlineData("/a/.b/c", nameof(PathSafety.Hidden))]
    [InlineData("/a/.well-known/c", nameof(PathSafety.Hidden))]
    [InlineData("/...", nameof(PathSafety.Hidden))]
    [InlineData("/%00", nameof(PathSafety.Malformed))]
    [InlineData("/a%", nameof(PathSafety.Malformed))]
    [InlineData("/a%1", nameof(PathSafety.Malformed))]
    [InlineData("/a%+1", nameof(PathSafety.Malformed))]
    [InlineData("/a\u00e9", nameof(PathSafety.Malformed))]
    public void Parse_OfADangerousPath_SaysSo(string target, string safety) => Assert.Equal(safety, RequestPath.Parse(target, "")!.Safety.ToString());

    [Fact]
    public void Parse_OfAnything_IsSafeOnlyWithoutWaysOut() =>
        Gen.Char["/.%2eEfF0\\;?a~"].Array[0, 24].Select(characters => "/" + new string(characters)).Sample(target =>
        {
            RequestPath? path = RequestPath.Parse(target, "");
            if (path is not { Safety: PathSafety.Safe })
            {
                return;
            }

            Assert.Equal(0, path.ForOpening[^1]);
            Assert.Equal(-1, path.ForOpening[..^1].IndexOf((byte)0));
            foreach (string part in Encoding.Latin1.GetString(path.Bytes).Split('/'))
            {
                Assert.True(path.IsRoot || part.Length > 0);
                Assert.False(part.StartsWith('.'));
            }
        });

    [Fact]
    public void ToUrl_OfAnyName_LeadsBackToIt() =>
        Gen.Byte.Array[1, 20].Where(name => !name.Contains((byte)0) && !name.Contains((byte)'/') && name[0] != '.').Sample(name =>
        {
            RequestPath path = RequestPath.Parse("/folder/", "")!.Child(name);
            RequestPath again = RequestPath.Parse(path.ToUrl("/prefix", folder: true), "/prefix")!;
            Assert.True(again.Bytes.SequenceEqual(path.Bytes));
            Assert.True(again.EndsWithSlash);
        });
}
