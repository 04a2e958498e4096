using System.Reflection;
using Darter.Server.Configuration;
using Darter.Server.Control;

namespace Darter.Server.Tests;

/// <summary>A setting that a reload cannot apply must not be ignored in silence.</summary>
public class FrontSettingsTests
{
    private static readonly string[] s_applied = [nameof(ServerConfig.GracefulTimeout)];

    public static TheoryData<string> Settings =>
        new(typeof(ServerConfig).GetProperties().Where(property => property.CanWrite && property.Name != nameof(ServerConfig.WebSockets)).Select(property => property.Name));

    public static TheoryData<string> WebSocketSettings =>
        new(typeof(WebSocketConfig).GetProperties().Where(property => property.CanWrite && property.Name != nameof(WebSocketConfig.CloseTimeout)).Select(property => property.Name));

    public static TheoryData<string> ControlSettings =>
        new(typeof(ControlConfig).GetProperties().Where(property => property.CanWrite).Select(property => property.Name));

    [Theory]
    [MemberData(nameof(Settings))]
    public void Changed_OfASetting_NamesItsOption_UnlessItIsApplied(string name)
    {
        ServerConfig present = Config();
        ServerConfig wanted = Config();
        Change(wanted, name);
        IReadOnlyList<string> changed = FrontSettings.Changed(present, wanted);
        if (s_applied.Contains(name))
        {
            Assert.Empty(changed);
            Assert.Equal(Value(wanted, name), Value(FrontSettings.Merge(present, wanted), name));
        }
        else
        {
            Assert.StartsWith("--", Assert.Single(changed), StringComparison.Ordinal);
            Assert.Equal(Value(present, name), Value(FrontSettings.Merge(present, wanted), name));
        }
    }

    [Theory]
    [MemberData(nameof(WebSocketSettings))]
    public void Changed_OfASettingOfWebSockets_NamesItsOption(string name)
    {
        WebSocketConfig webSockets = new();
        Change(webSockets, name);
        Assert.StartsWith("--ws-", Assert.Single(FrontSettings.Changed(Config(), Config() with { WebSockets = webSockets })), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ControlSettings))]
    public void Changed_OfASettingOfTheControlSocket_NamesItsOption(string name)
    {
        ControlConfig control = new();
        Change(control, name);
        Assert.StartsWith(
            "--control-socket",
            Assert.Single(FrontSettings.Changed(Config() with { Control = new ControlConfig() }, Config() with { Control = control })),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_OfEqualSettings_NamesNothing() => Assert.Empty(FrontSettings.Changed(Config(), Config()));

    private static ServerConfig Config() => new() { Binds = [Bind("127.0.0.1:8000")] };

    private static BindAddress Bind(string text)
    {
        Assert.True(BindAddress.TryParse(text, out BindAddress? bind, out _));
        return bind;
    }

    private static object? Value(object config, string name) => config.GetType().GetProperty(name)!.GetValue(config);

    private static void Change(object config, string name)
    {
        PropertyInfo property = config.GetType().GetProperty(name)!;
        object? value = property.GetValue(config);
        property.SetValue(config, (property.PropertyType, value) switch
        {
            (_, bool flag) => !flag,
            (_, int number) => number + 1,
            (_, long number) => number + 1,
            (_, TimeSpan time) => time + TimeSpan.FromSeconds(1),
            (_, UnixFileMode mode) => mode | UnixFileMode.GroupRead,
            (_, Enum) => Enum.GetValues(property.PropertyType).Cast<object>().First(other => !other.Equals(value)),
            ({ } type, null) when type == typeof(long?) => 1L,
            ({ } type, null) when type == typeof(string) => "/somewhere",
            ({ } type, null) when type == typeof(ControlConfig) => new ControlConfig(),
            (_, IReadOnlyList<BindAddress>) => (BindAddress[])[Bind("127.0.0.1:8001")],
            _ => throw new InvalidOperationException($"The test does not know how to change {property}."),
        });
    }
}
