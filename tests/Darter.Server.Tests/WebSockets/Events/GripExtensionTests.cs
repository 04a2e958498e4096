using System.Text;
using CsCheck;
using Darter.Server.WebSockets.Events;

namespace Darter.Server.Tests.WebSockets.Events;

public sealed class GripExtensionTests
{
    private static readonly string[] s_parts = ["grip", ";", ",", "=", "\"", "\\", " ", "a", "message-prefix"];

    [Theory]
    [InlineData("grip", "m:")]
    [InlineData("GRIP", "m:")]
    [InlineData("grip; message-prefix=\"\"", "")]
    [InlineData("grip; message-prefix=\"m:\"", "m:")]
    [InlineData("grip;message-prefix = \"a,b;c\\\"\"", "a,b;c\"")]
    [InlineData("grip; message-prefix=x", "x")]
    [InlineData("grip; other; message-prefix=x", "x")]
    [InlineData("permessage-deflate; client_max_window_bits, grip; message-prefix=\"x\"", "x")]
    [InlineData("grip; message-prefix=x, grip; message-prefix=y", "x")]
    public void TryRead_OfTheExtension_HasItsPrefix(string value, string prefix)
    {
        Assert.True(GripExtension.TryRead(value, out GripExtension? extension));
        Assert.NotNull(extension);
        Assert.Equal(prefix, Encoding.UTF8.GetString(extension.MessagePrefix));
    }

    [Theory]
    [InlineData("")]
    [InlineData("permessage-deflate")]
    [InlineData("x; message-prefix=\"grip\"")]
    [InlineData(" , ,")]
    public void TryRead_OfOthers_IsNone(string value)
    {
        Assert.True(GripExtension.TryRead(value, out GripExtension? extension));
        Assert.Null(extension);
    }

    [Theory]
    [InlineData("grip; message-prefix=\"m:")]
    [InlineData("grip; message-prefix=\"m:\\")]
    [InlineData("grip; message-prefix=")]
    [InlineData("grip;")]
    [InlineData("grip; message-prefix=\"a\" b")]
    [InlineData("; message-prefix=a")]
    public void TryRead_OfAMalformedField_Fails(string value) => Assert.False(GripExtension.TryRead(value, out _));

    [Fact]
    public void TryRead_OfAnything_Ends() =>
        Gen.Int[0, s_parts.Length - 1].Select(i => s_parts[i]).Array[0, 12]
            .Sample(parts =>
            {
                bool read = GripExtension.TryRead(string.Concat(parts), out GripExtension? extension);
                Assert.True(read || extension is null || parts.Length > 1);
            });
}
