using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>
/// Connections that send one request after the other, for as long as the test wants; each is opened anew every now and then.
/// Everything that is not a 200 with one of the expected bodies is noted.
/// </summary>
internal sealed class ContinuousLoad : IAsyncDisposable
{
    private const int RequestsPerConnection = 50;

    private readonly ServerAddress _address;
    private readonly ConcurrentBag<string> _failures = [];
    private readonly ConcurrentDictionary<string, long> _answers = new();
    private readonly Task[] _clients;
    private volatile bool _stopping;

    public ContinuousLoad(ServerAddress address, int connections)
    {
        _address = address;
        _clients = [.. Enumerable.Range(0, connections).Select(_ => Task.Run(RunAsync))];
    }

    /// <summary>What went wrong.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>How many answers there were with this body.</summary>
    public long Count(string body) => _answers.GetValueOrDefault(body);

    /// <summary>All answers.</summary>
    public long Total => _answers.Values.Sum();

    /// <summary>Lets each client finish its request and waits for them.</summary>
    public async Task StopAsync()
    {
        _stopping = true;
        await Wait.For(Task.WhenAll(_clients), "the clients to finish");
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task RunAsync()
    {
        while (!_stopping)
        {
            try
            {
                await using RawConnection connection = await RawConnection.OpenAsync(_address);
                for (int i = 0; i < RequestsPerConnection && !_stopping; i++)
                {
                    await connection.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                    RawResponse response = await connection.ReadResponseAsync();
                    if (response.Status == 200)
                    {
                        _answers.AddOrUpdate(response.Text, 1, static (_, count) => count + 1);
                    }
                    else
                    {
                        _failures.Add($"{response.Status} {response.Text}");
                    }
                }
            }
            catch (Exception e) when (e is SocketException or InvalidDataException or TimeoutException or EndOfStreamException)
            {
                _failures.Add(e.ToString());
            }
        }
    }
}
