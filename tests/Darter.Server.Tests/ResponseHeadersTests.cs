using System.Text;
using CsCheck;
using Darter.Server.Applications;
using Darter.Wire;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Tests;

public class ResponseHeadersTests
{
    [Fact]
    public void Apply_OfRepeatedFields_KeepsEachInOrder()
    {
        HeaderDictionary headers = [];

        new ResponseHeaders().Apply(Block(("set-cookie", "a=1"), ("content-type", "text/plain"), ("set-cookie", "b=2")), headers);

        Assert.Equal("a=1,b=2", headers["set-cookie"].ToString());
        Assert.Equal("text/plain", headers["content-type"].ToString());
    }

    [Fact]
    public void Apply_OfManyBlocks_GivesWhatEachHolds()
    {
        ResponseHeaders remembered = new();
        Gen.Char['a', 'e'].Array[1, 3].Select(Gen.Char['0', '9'].Array[0, 300]).List[0, 8].Sample(fields =>
        {
            (string Name, string Value)[] pairs = [.. fields.Select(field => (new string(field.Item1), new string(field.Item2)))];
            HeaderDictionary headers = [];

            remembered.Apply(Block(pairs), headers);

            foreach (IGrouping<string, (string Name, string Value)> group in pairs.GroupBy(pair => pair.Name))
            {
                Assert.Equal(group.Select(pair => pair.Value), headers[group.Key]);
            }
        }, threads: 1);
    }

    private static HeaderBlock Block(params (string Name, string Value)[] fields)
    {
        byte[] bytes = new byte[2 + fields.Sum(field => 4 + field.Name.Length + field.Value.Length)];
        bytes[0] = (byte)fields.Length;
        int offset = 2;
        foreach ((string name, string value) in fields)
        {
            offset += HeaderBlock.WriteField(bytes.AsSpan(offset), Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
        }

        Assert.True(HeaderBlock.TryRead(bytes, out HeaderBlock block, out _));
        return block;
    }
}
