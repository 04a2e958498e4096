using System.Collections.Concurrent;

namespace Darter.Integration.Tests.Supervision;

/// <summary>Connections that send one request after another until they are stopped, and count what becomes of each.</summary>
internal sealed class RequestLoad
{
    private readonly ServerAddress _address;
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly Task[] _connections;
    private volatile bool _stopping;

    /// <summary>Starts it.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="connections">How many requests at a time.</param>
    /// <param name="target">Of the requests.</param>
    internal RequestLoad(ServerAddress address, int connections, string target)
    {
        _address = address;
        string request = $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n";
        _connections = [.. Enumerable.Range(0, connections).Select(_ => Task.Run(() => RunAsync(request)))];
    }

    /// <summary>How many requests came to this end: a status, or what went wrong.</summary>
    internal int this[string outcome] => _outcomes.GetValueOrDefault(outcome);

    /// <summary>How many requests there were.</summary>
    internal int Total => _outcomes.Values.Sum();

    /// <summary>All outcomes, for messages.</summary>
    public override string ToString() => string.Join(", ", _outcomes.Select(pair => $"{pair.Key}: {pair.Value}"));

    /// <summary>Ends it: every request that was sent is waited for.</summary>
    internal Task StopAsync()
    {
        _stopping = true;
        return Wait.For(Task.WhenAll(_connections), "the answers to all requests");
    }

    private async Task RunAsync(string request)
    {
        RawConnection? connection = null;
        while (!_stopping)
        {
            string outcome;
            try
            {
                connection ??= await RawConnection.OpenAsync(_address);
                await connection.WriteAsync(request);
                RawResponse response = await connection.ReadResponseAsync();
                outcome = $"{response.Status}";
                if (response.IsLast)
                {
                    await connection.DisposeAsync();
                    connection = null;
                }
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException or TimeoutException or System.Net.Sockets.SocketException)
            {
                outcome = exception.Message;
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                    connection = null;
                }
            }

            _outcomes.AddOrUpdate(outcome, 1, static (_, count) => count + 1);
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}
