using Darter.Server.Caching;
using Darter.Server.Configuration;
using Darter.Server.Tests.Hub;
using Microsoft.Extensions.Logging.Abstractions;

namespace Darter.Server.Tests.Caching;

/// <summary>A cache without a server: the test plays clients and application, and moves the clock.</summary>
internal sealed class CacheHarness : IAnswerSource
{
    private readonly HubClock _clock = new();

    public CacheHarness(CacheConfig? config = null) =>
        Cache = new AnswerCache(config ?? new CacheConfig { Size = 1024 * 1024 }, null!, _clock, NullLogger<AnswerCache>.Instance);

    public AnswerCache Cache { get; }

    /// <summary>The requests of the cache's own.</summary>
    public List<CacheAsk> Refreshes { get; } = [];

    public DateTimeOffset Now => _clock.GetUtcNow();

    public void Pass(double seconds) => _clock.Pass(TimeSpan.FromSeconds(seconds));

    /// <summary>Removes answers; how many.</summary>
    public int Purge(CachePurge? purge) => Cache.Apply(purge!.Value);

    /// <summary>A client's request, which the cache has looked at.</summary>
    public CacheAsk Get(string target = "/", params (string Name, string Value)[] fields) => Ask("GET", target, fields);

    public CacheAsk Ask(string method, string target = "/", params (string Name, string Value)[] fields) => new(Cache, this, method, target, fields);

    /// <summary>A request of the cache's own.</summary>
    Task IAnswerSource.RunAsync(IFrontRequest request)
    {
        Refreshes.Add(new CacheAsk(Cache, this, request));
        return new TaskCompletionSource().Task;
    }

    /// <summary>A request that must go to the application, which answers 200.</summary>
    public CacheAsk Fill(string body, string cacheControl, params (string Name, string Value)[] fields)
    {
        CacheAsk ask = Get();
        ask.Answer(200, body, [("Cache-Control", cacheControl), .. fields]);
        return ask;
    }
}
