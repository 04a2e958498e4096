using Darter.Workers.Service;

namespace Darter.Workers.Tests.Service;

public class AccountTests
{
    [Theory]
    [InlineData("root", 0u, "root", 0u)]
    [InlineData("0", 0u, "root", 0u)]
    [InlineData("4294967294", 4294967294u, null, null)]
    public void TryFindUser_ByNameOrNumber_FindsIt(string text, uint user, string? name, uint? group)
    {
        Assert.True(Account.TryFindUser(text, out Account? account, out _));
        Assert.Equal(new Account(user, name, group) { Home = account.Home }, account);
        Assert.Equal(name is not null, Path.IsPathRooted(account.Home));
    }

    [Theory]
    [InlineData("no-such-user")]
    [InlineData("-1")]
    [InlineData("4294967295")]
    [InlineData("4294967296")]
    public void TryFindUser_OfNonsense_NamesIt(string text)
    {
        Assert.False(Account.TryFindUser(text, out _, out string? error));
        Assert.Contains(text, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root", 0u)]
    [InlineData("12345", 12345u)]
    public void TryFindGroup_ByNameOrNumber_FindsIt(string text, uint expected)
    {
        Assert.True(Account.TryFindGroup(text, out uint group, out _));
        Assert.Equal(expected, group);
    }

    [Fact]
    public void TryFindGroup_OfNonsense_NamesIt()
    {
        Assert.False(Account.TryFindGroup("no-such-group", out _, out string? error));
        Assert.Contains("no-such-group", error, StringComparison.Ordinal);
    }
}
