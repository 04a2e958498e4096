using System.Text.Json;

namespace Darter.Integration.Tests.Hub;

/// <summary>Base of the tests of held connections: the application <c>hub</c>, and clients of it.</summary>
public abstract class HubTest(ServerPool pool) : ServerTest(pool)
{
    /// <summary>The test's own token.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each version of HTTP.</summary>
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    /// <summary>Starts the application.</summary>
    protected Task<DarterServer> StartHubAsync(params string[] arguments) => StartFolderAsync(RepositoryPaths.WsgiApp("hub"), arguments);

    /// <summary>Starts the application that is in this folder.</summary>
    protected Task<DarterServer> StartFolderAsync(string folder, params string[] arguments) =>
        StartAsync(new DarterServerOptions { Target = Path.Combine(folder, "app.py"), Arguments = arguments });

    /// <summary>Publishes through the application; returns how many it reached.</summary>
    protected static async Task<int> PublishAsync(HttpClient client, string channel, string data, string? id = null) =>
        int.Parse(
            await client.GetStringAsync($"/publish?channel={channel}&data={data}{(id is null ? "" : $"&id={id}")}", Cancellation),
            System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How many connections are subscribed to a channel, as the server's status tells.</summary>
    protected static async Task<int> SubscribersAsync(HttpClient client, string channel) =>
        JsonDocument.Parse(await client.GetStringAsync($"/presence?channel={channel}", Cancellation)).RootElement.GetProperty("subscribers").GetInt32();

    /// <summary>Waits until so many connections are subscribed.</summary>
    protected static Task WaitForSubscribersAsync(HttpClient client, string channel, int count) =>
        Wait.Until(async () => await SubscribersAsync(client, channel) == count, () => $"{count} subscribers of {channel}");

    /// <summary>Opens a stream of events.</summary>
    protected static async Task<EventStream> ListenAsync(HttpClient client, string channel, string? lastEventId = null, string more = "")
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/events?channel={channel}{more}")
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.DoesNotContain(response.Headers, field => field.Key.StartsWith("Grip-", StringComparison.OrdinalIgnoreCase));
        return new EventStream(response, await response.Content.ReadAsStreamAsync(Cancellation));
    }
}
