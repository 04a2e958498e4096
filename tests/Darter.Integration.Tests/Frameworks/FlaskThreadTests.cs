using System.Net;
using System.Text.Json;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>Flask with several threads in several processes: whatever runs at the same time stays apart.</summary>
public class FlaskThreadTests(ServerPool pool) : FlaskTest(pool)
{
    [Theory]
    [InlineData(HttpProtocol.Http1)]
    [InlineData(HttpProtocol.Http2)]
    public async Task Threads_OfTwoWorkers_KeepClientsApart(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareFlaskAsync("app", workers: 2, threads: 4);
        string[] workers = [.. (await Task.WhenAll(Enumerable.Range(0, 16).Select(async number =>
        {
            using HttpClient client = ServerClient.Create(server.Address, protocol, new CookieContainer());
            string name = $"client {number}";
            await FlaskTests.LogInAsync(client, name);
            await FlaskTests.AssertAccountAsync(client, name, visits: 1, $"Welcome, {name}");
            using MultipartFormDataContent form = Upload.Create();
            using HttpResponseMessage uploaded = await client.PostAsync("/upload", form, Cancellation);
            Upload.AssertUnderstood(JsonDocument.Parse(await uploaded.Content.ReadAsStringAsync(Cancellation)).RootElement);
            for (int visit = 2; visit < 12; visit++)
            {
                Assert.Equal($"<p>Hello, {name}! {visit}</p>", await client.GetStringAsync($"/hello/{name}?q={visit}", Cancellation));
                await FlaskTests.AssertAccountAsync(client, name, visit);
            }

            return await client.GetStringAsync("/pid", Cancellation);
        }))).Distinct()];
        Assert.NotEmpty(workers);
        Assert.Subset(server.Workers.Select(pid => $"{pid}").ToHashSet(), workers.ToHashSet());

        // All eight threads stream at the same time, each its own words.
        using HttpClient reader = ServerClient.Create(server.Address, protocol);
        Task<string>[] streams = [.. Enumerable.Range(0, 8).Select(number => reader.GetStringAsync($"/stream?word=w{number}&port={gate.Port}", Cancellation))];
        for (int piece = 0; piece < 3; piece++)
        {
            var arrivals = new List<Gate.Arrival>();
            for (int i = 0; i < 8; i++)
            {
                arrivals.Add(await gate.ReachedAsync("sent"));
            }

            Assert.All(arrivals, arrival => Assert.Equal($"{piece}", arrival.Text));
            arrivals.ForEach(arrival => arrival.Release());
        }

        string[] texts = await Task.WhenAll(streams);
        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"w{number} 0\nw{number} 1\nw{number} 2\n"), texts);
    }
}
