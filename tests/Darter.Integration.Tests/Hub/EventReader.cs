namespace Darter.Integration.Tests.Hub;

/// <summary>A client of a held stream: notes the ids of the events that come.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private readonly List<string> _ids = [];
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    private EventReader(HttpClient client, HttpResponseMessage response)
    {
        _client = client;
        _reading = ReadAsync(response);
    }

    /// <summary>The ids until now.</summary>
    internal IReadOnlyList<string> Ids
    {
        get
        {
            lock (_ids)
            {
                return [.. _ids];
            }
        }
    }

    /// <summary>Ends when the stream has ended, in order or not.</summary>
    internal Task Ended => _reading;

    /// <summary>Opens a stream and returns when it is held.</summary>
    /// <param name="server">The server.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="lastId">What the client had got last, if it comes back.</param>
    internal static async Task<EventReader> OpenAsync(DarterServer server, string channel, string? lastId = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Address.Uri, $"/stream?{channel}"));
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };
        HttpResponseMessage response = await Wait.For(client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead), "the head of a held stream");
        response.EnsureSuccessStatusCode();
        return new EventReader(client, response);
    }

    /// <summary>Waits until so many events have come.</summary>
    internal Task HasAsync(int count) => Wait.Until(() => Ids.Count >= count, () => $"{count} events, there are {Ids.Count}: ... {string.Join(' ', Ids.TakeLast(20))}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(HttpResponseMessage response)
    {
        using HttpResponseMessage _ = response;
        try
        {
            using StreamReader reader = new(await response.Content.ReadAsStreamAsync(_stop.Token));
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    lock (_ids)
                    {
                        _ids.Add(line[4..]);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
        }
    }
}
