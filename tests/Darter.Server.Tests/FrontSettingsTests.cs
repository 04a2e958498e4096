using System.Reflection;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Server.Proxies;
using Darter.Transport;

namespace Darter.Server.Tests;

/// <summary>A setting that a reload cannot apply must not be ignored in silence.</summary>
public class FrontSettingsTests
{
    private static readonly string[] s_applied = [nameof(ServerConfig.GracefulTimeout), nameof(ServerConfig.Upstreams)];

    private static readonly string[] s_sections =
    [
        nameof(ServerConfig.WebSockets), nameof(ServerConfig.Http2), nameof(ServerConfig.Proxy), nameof(ServerConfig.Logging), nameof(ServerConfig.Health),
        nameof(ServerConfig.Hub), nameof(ServerConfig.Cache), nameof(ServerConfig.SharedCache),
    ];

    // CloseTimeout has no option.
    private static readonly string[] s_appliedInSections =
        [nameof(WebSocketConfig.CloseTimeout), nameof(HealthConfig.DrainDelay), nameof(LoggingConfig.CaptureOutput)];

    public static TheoryData<string> Settings =>
        new(typeof(ServerConfig).GetProperties().Where(property => property.CanWrite && property.Name != nameof(ServerConfig.Routes) && !s_sections.Contains(property.Name)).Select(property => property.Name));

    public static TheoryData<string, string> SettingsOfSections =>
        new(s_sections.SelectMany(section => Value(Config(), section)!.GetType().GetProperties()
            .Where(property => property.CanWrite && !s_appliedInSections.Contains(property.Name))
            .Select(property => (section, property.Name))));

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
    [MemberData(nameof(SettingsOfSections))]
    public void Changed_OfASettingOfASection_NamesItsOption(string section, string name)
    {
        ServerConfig wanted = Config();
        object changed = Value(wanted, section)!;
        Change(changed, name);
        Assert.StartsWith("--", Assert.Single(FrontSettings.Changed(Config(), wanted)), StringComparison.Ordinal);
    }

    [Fact]
    public void Routes_AreApplied_WhereThereHaveBeenSome()
    {
        ServerConfig some = Config() with { Routes = [new RouteConfig { Name = "1", Action = new ResponseAction(204) }] };
        ServerConfig others = Config() with { Routes = [new RouteConfig { Name = "2", Action = new ResponseAction(404) }] };

        Assert.Empty(FrontSettings.Changed(some, others));
        Assert.Same(others.Routes, FrontSettings.Merge(some, others).Routes);
        Assert.StartsWith("[[routes]]", Assert.Single(FrontSettings.Changed(Config(), some)), StringComparison.Ordinal);
        Assert.Empty(FrontSettings.Merge(Config(), some).Routes);
    }

    [Fact]
    public void Merge_OfWhatWorkersOrTheEndNeed_IsApplied()
    {
        ServerConfig wanted = Config() with
        {
            Health = new HealthConfig { DrainDelay = TimeSpan.FromSeconds(7) },
            Logging = new LoggingConfig { CaptureOutput = true },
        };
        Assert.Empty(FrontSettings.Changed(Config(), wanted));
        ServerConfig merged = FrontSettings.Merge(Config(), wanted);
        Assert.Equal((TimeSpan.FromSeconds(7), true), (merged.Health.DrainDelay, merged.Logging.CaptureOutput));
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
            ({ } type, _) when type == typeof(UnixSocketAccess) => new UnixSocketAccess(null),
            ({ } type, _) when type == typeof(TrustedAddresses) => TrustedAddresses.None,
            ({ } type, _) when type == typeof(SyslogConfig) => Syslog(),
            ({ } type, _) when type == typeof(StatsdConfig) => Statsd(),
            ({ } type, _) when type == typeof(TlsConfig) => new TlsConfig { Certificates = [new CertificateConfig { CertificateFile = "/cert.pem" }] },
            ({ } type, null) when type == typeof(RedisAddress) => new RedisAddress { Host = "localhost" },
            ({ } type, null) when type == typeof(CompressionConfig) => new CompressionConfig(),
            ({ } type, null) when type == typeof(BindAddress) => Bind("127.0.0.1:5561"),
            (_, string) => "/elsewhere",
            (_, IReadOnlyList<string>) => (string[])["X"],
            (_, IReadOnlyList<KeyValuePair<string, string>>) => (KeyValuePair<string, string>[])[new("X", "y")],
            (_, IReadOnlyList<FolderConfig>) => (FolderConfig[])[new FolderConfig { Folder = "/srv/static", Prefix = "/static" }],
            (_, IReadOnlyList<UpstreamPath>) => (UpstreamPath[])[new("/api", "api")],
            (_, IReadOnlyDictionary<string, UpstreamConfig>) => new Dictionary<string, UpstreamConfig>
            {
                ["api"] = new() { Destinations = [new UpstreamDestination { Address = "http://10.0.0.1:9000" }] },
            },
            (_, IReadOnlyList<BindAddress>) => (BindAddress[])[Bind("127.0.0.1:8001")],
            _ => throw new InvalidOperationException($"The test does not know how to change {property}."),
        });
    }

    private static SyslogConfig Syslog()
    {
        Assert.True(SyslogAddress.TryParse("udp://localhost:514", out SyslogAddress? address));
        return new SyslogConfig { Address = address, Prefix = "shop" };
    }

    private static StatsdConfig Statsd()
    {
        Assert.True(StatsdAddress.TryParse("localhost:8125", out StatsdAddress? address));
        return new StatsdConfig { Address = address };
    }
}
