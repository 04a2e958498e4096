using System.Collections.Concurrent;

namespace Darter.Integration.Tests.Infrastructure;

/// <summary>
/// Servers that many tests share, one for each command line. When the tests are over it checks that none of them lost a
/// worker on the way, and stops them.
/// </summary>
public sealed class ServerPool : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Entry>>> _entries = new();

    /// <summary>The server started with these options.</summary>
    public async Task<DarterServer> GetAsync(DarterServerOptions options)
    {
        string key = string.Join('\n', options.CommandLine());
        Lazy<Task<Entry>> entry = _entries.GetOrAdd(key, _ => new Lazy<Task<Entry>>(() => StartAsync(options)));
        return (await entry.Value).Server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var errors = new List<Exception>();
        foreach (Lazy<Task<Entry>> entry in _entries.Values)
        {
            if (!entry.Value.IsCompletedSuccessfully)
            {
                continue;
            }

            (DarterServer server, IReadOnlyList<int> workers) = await entry.Value;
            try
            {
                Assert.False(server.HasExited, $"The server ended during the tests:\n{server.Describe()}");
                // A worker whose application raised SystemExit leaves in order; one that dies is an error line.
                Assert.Equal(workers.Count, server.Workers.Count);
                Assert.DoesNotMatch(@"\[ERROR\] Worker \d+ \(pid", server.Describe());
                Assert.Equal(0, await server.StopAsync());
            }
            catch (Exception e)
            {
                errors.Add(e);
            }

            try
            {
                await server.DisposeAsync();
            }
            catch (Exception e)
            {
                errors.Add(e);
            }
        }

        if (errors.Count > 0)
        {
            throw new AggregateException(errors);
        }
    }

    private static async Task<Entry> StartAsync(DarterServerOptions options)
    {
        DarterServer server = await DarterServer.StartAsync(options);
        return new Entry(server, server.Workers);
    }

    private sealed record Entry(DarterServer Server, IReadOnlyList<int> Workers);
}
