using System.Text;
using Darter.Server.Applications;

namespace Darter.Server.Tests;

public class BodyPartsTests
{
    [Fact]
    public void Add_OfBytesOneAfterAnother_MakesOnePart()
    {
        BodyParts parts = new();
        parts.Add("one "u8);
        parts.Add("two"u8);

        Assert.Equal(7, parts.BufferedBytes);
        using BodyPart part = parts.Take();
        Assert.Equal("one two", Encoding.ASCII.GetString(part.Bytes!.Span));
        Assert.True(parts.IsEmpty);
        Assert.Equal(0, parts.BufferedBytes);
    }

    [Fact]
    public void Add_OfAFileBetweenBytes_KeepsTheOrder()
    {
        BodyParts parts = new();
        parts.Add("before"u8);
        parts.Add(new BodyPart { Offset = 5, Length = 10 });
        parts.Add("after"u8);

        using BodyPart first = parts.Take();
        using BodyPart second = parts.Take();
        using BodyPart third = parts.Take();
        Assert.Equal("before", Encoding.ASCII.GetString(first.Bytes!.Span));
        Assert.Equal(10, second.Length);
        Assert.Equal("after", Encoding.ASCII.GetString(third.Bytes!.Span));
    }

    [Fact]
    public void Clear_WithParts_LeavesNothing()
    {
        BodyParts parts = new();
        parts.Add("one"u8);
        parts.Clear();
        parts.Add("two"u8);

        using BodyPart part = parts.Take();
        Assert.Equal("two", Encoding.ASCII.GetString(part.Bytes!.Span));
    }
}
