using System.Xml.Linq;
using Darter.Testing;

namespace Darter.Architecture.Tests;

/// <summary>Dependencies point one way, as the design fixes it.</summary>
public class ReferenceGraphTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Darter.Wire"] = [],
        ["Darter.Cgi"] = [],
        ["Darter.Transport"] = [],
        ["Darter.CPython"] = [],
        ["Darter.Workers"] = ["Darter.Transport", "Darter.Wire"],
        ["Darter.Server"] = ["Darter.Workers", "Darter.Transport", "Darter.Wire", "Darter.Cgi"],
        ["Darter.Gateway"] = ["Darter.CPython", "Darter.Wire"],
        ["Darter.Cli"] = ["Darter.Server", "Darter.Workers"],
    };

    // Pure code that both processes may use, and the worker's library: no web server belongs into them.
    private static readonly string[] WithoutAspNet = ["Darter.Wire", "Darter.Cgi", "Darter.CPython", "Darter.Gateway"];

    private static readonly string[] UnsafeAllowed = ["Darter.CPython", "Darter.Gateway", "Darter.Transport", "Darter.Workers", "Darter.Wire"];

    public static TheoryData<string> Projects => new(SourceProject.All.Select(project => project.Name));

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_OfAProject_AreAllowed(string name)
    {
        Assert.True(Allowed.TryGetValue(name, out string[]? allowed), $"{name} is not part of the design.");
        Assert.Empty(Project(name).References.Except(allowed!));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Frameworks_OfAProject_HaveNoWebServerWhereItDoesNotBelong(string name)
    {
        if (WithoutAspNet.Contains(name))
        {
            Assert.Empty(Project(name).Frameworks);
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void UnsafeCode_OfAProject_IsAllowedOnlyWhereItIsNeeded(string name) =>
        Assert.True(!Project(name).AllowsUnsafeCode || UnsafeAllowed.Contains(name), $"{name} allows unsafe code.");

    [Fact]
    public void Solution_Projects_AreAllOfThem()
    {
        IEnumerable<string> listed = XDocument.Load(Path.Combine(RepositoryPaths.Root, "Darter.slnx"))
            .Descendants("Project")
            .Select(project => project.Attribute("Path")!.Value);
        IEnumerable<string> present = new[] { "src", "tests", "bench" }
            .Select(folder => Path.Combine(RepositoryPaths.Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "*.csproj", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(RepositoryPaths.Root, file));
        Assert.Equal(present.Order(), listed.Order());
    }

    private static SourceProject Project(string name) => SourceProject.All.Single(project => project.Name == name);
}
