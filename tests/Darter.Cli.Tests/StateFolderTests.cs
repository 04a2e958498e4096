using Darter.Cli.Service;

namespace Darter.Cli.Tests;

/// <summary>Where certificates are kept, unless --acme-state says it.</summary>
public sealed class StateFolderTests
{
    [Theory]
    [InlineData("/var/lib/shop:/var/lib/other", "/state", "/home/joe", false, "/var/lib/shop/acme")]
    [InlineData(null, "/state", "/home/joe", true, "/state/darter/acme")]
    [InlineData("", "relative", "/home/joe", false, "/home/joe/.local/state/darter/acme")]
    [InlineData(null, null, "/root", true, "/var/lib/darter/acme")]
    [InlineData(null, "", null, false, "/var/lib/darter/acme")]
    public void Find_IsTheFirstThatThereIs(string? service, string? state, string? home, bool isRoot, string expected)
    {
        Dictionary<string, string?> environment = new() { ["STATE_DIRECTORY"] = service, ["XDG_STATE_HOME"] = state, ["HOME"] = home };
        Assert.Equal(expected, StateFolder.Find("acme", environment.GetValueOrDefault, isRoot));
    }
}
