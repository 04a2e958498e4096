using System.Net.Sockets;
using System.Text;

namespace Darter.Integration.Tests.Hub;

/// <summary>A server that shares channels with others over Redis, and its publish endpoint.</summary>
internal sealed class HubNode : IAsyncDisposable
{
    private readonly HttpClient _publish;

    internal HubNode(DarterServer server, string publishPath, string control)
    {
        Control = control;
        Server = server;
        _publish = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(publishPath), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }

    internal DarterServer Server { get; }

    /// <summary>Its control socket.</summary>
    internal string Control { get; }

    /// <summary>Waits until its log says for the <paramref name="times"/>th time that channels are shared.</summary>
    internal Task SharedAsync(int times = 1) => LoggedAsync("Channels are shared", times);

    /// <summary>Waits until its log says for the <paramref name="times"/>th time that Redis is away.</summary>
    internal Task AwayAsync(int times = 1) => LoggedAsync("is away", times);

    /// <summary>Publishes an event whose id and data are the same.</summary>
    internal async Task PublishAsync(string channel, string id)
    {
        string json = $$"""
            {"items": [{"channel": "{{channel}}", "id": "{{id}}", "formats": {
                "http-stream": {"content": "id: {{id}}\ndata: {{id}}\n\n"},
                "http-response": {"body": "{{id}}"} } } ] }
            """;
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Wait.For(_publish.PostAsync(new Uri("http://localhost/publish/"), content), "the answer to a publisher");
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Publishes NAME0, NAME1 and so on until it is to stop; how many.</summary>
    internal async Task<int> PublishUntilAsync(string channel, string name, CancellationToken stop)
    {
        int count = 0;
        while (!stop.IsCancellationRequested)
        {
            await PublishAsync(channel, $"{name}{count++}");
        }

        return count;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _publish.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task LoggedAsync(string text, int times) => Wait.Until(
        () => Server.Log.Lines().Count(line => line.Contains(text, StringComparison.Ordinal)) >= times,
        () => $"'{text}' {times} times in\n{Server.Log.Text}");
}
