using Darter.Cli.Settings;

namespace Darter.Cli.Tests;

public class ShellWordsTests
{
    // As Python's shlex.split.
    [Theory]
    [InlineData("", "")]
    [InlineData("  a  b\tc\n", "a|b|c")]
    [InlineData("--x='a b' \"c d\"e", "--x=a b|c de")]
    [InlineData(@"a\ b \'c", "a b|'c")]
    [InlineData(@"'a\b' ""a\b"" ""a\""b"" ""a\\b""", @"a\b|a\b|a""b|a\b")]
    [InlineData("a '' b", "a||b")]
    [InlineData("#a", "#a")]
    public void Split_Text_IsWhatAShellMakesOfIt(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', ShellWords.Split(text)!));

    [Theory]
    [InlineData("'a")]
    [InlineData("a \"b")]
    [InlineData("a\\")]
    public void Split_OpenQuotation_IsNull(string text) => Assert.Null(ShellWords.Split(text));
}
