using Darter.Server.Configuration;
using Darter.Server.Tests.Hub.Redis;
using Darter.Server.Tls.Acme;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tests.Tls.Acme;

/// <summary>A folder, an authority, and what looks after certificates.</summary>
internal sealed class AcmeFixture : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("darter-acme-");
    private readonly List<AcmeManager> _managers = [];

    internal AcmeFixture(Func<TimeProvider, FakeAuthority>? authority = null)
    {
        Authority = authority?.Invoke(Clock) ?? new FakeAuthority(Clock);
        Config = new AcmeConfig { Domains = ["a.example"], StateFolder = _folder.FullName, Directory = new Uri($"{FakeAuthority.Site}/directory") };
    }

    internal AcmeClock Clock { get; } = new();

    internal FakeAuthority Authority { get; }

    internal AcmeConfig Config { get; set; }

    internal CollectingLogger Log { get; } = new();

    /// <summary>The folder that has the authority's files.</summary>
    internal string Folder => Path.Combine(_folder.FullName, "authority.example_directory");

    internal AcmeManager Create()
    {
        AcmeManager manager = new(Config, Clock, Log, () => Authority);
        _managers.Add(manager);
        return manager;
    }

    internal static Task PassAsync(AcmeManager manager) => manager.PassAsync(TestContext.Current.CancellationToken);

    /// <summary>What is answered over http.</summary>
    internal static async Task<string?> AskAsync(AcmeManager manager, string target, string method = "GET")
    {
        FeatureCollection features = new();
        MemoryStream body = new();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Method = method, RawTarget = target });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        if (manager.Challenges.TryHandle(features) is not { } answer)
        {
            return null;
        }

        Assert.Equal(body.Length, await answer);
        return System.Text.Encoding.ASCII.GetString(body.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AcmeManager manager in _managers)
        {
            await manager.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}
