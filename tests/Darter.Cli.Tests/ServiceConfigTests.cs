using System.Reflection;
using Darter.Cli.Service;
using Darter.Workers.Service;

namespace Darter.Cli.Tests;

/// <summary>A setting of the service that a reload cannot apply must not be ignored in silence.</summary>
public class ServiceConfigTests
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    public static TheoryData<string> Settings =>
        new(typeof(ServiceConfig).GetProperties(Members).Where(property => property.CanWrite).Select(property => property.Name));

    [Theory]
    [MemberData(nameof(Settings))]
    public void Changed_OfASetting_NamesItsOption(string name)
    {
        ServiceConfig wanted = new();
        PropertyInfo property = typeof(ServiceConfig).GetProperty(name, Members)!;
        property.SetValue(wanted, property.PropertyType switch
        {
            { } type when type == typeof(bool) => true,
            { } type when type == typeof(string) => "shop",
            { } type when type == typeof(uint?) => 7u,
            { } type when type == typeof(Account) => new Account(7, "shop", 7),
            _ => throw new InvalidOperationException($"The test does not know how to change {property}."),
        });
        Assert.StartsWith("--", Assert.Single(ServiceConfig.Changed(new ServiceConfig(), wanted)), StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_OfEqualSettings_NamesNothing() => Assert.Empty(ServiceConfig.Changed(new ServiceConfig(), new ServiceConfig()));
}
