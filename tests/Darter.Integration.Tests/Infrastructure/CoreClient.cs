using System.Net.Http.Headers;
using System.Text.Json;

namespace Darter.Integration.Tests.Infrastructure;

/// <summary>A client of one behaviour of the core application, over either version of HTTP.</summary>
internal sealed class CoreClient : IDisposable
{
    private readonly HttpClient _client;

    public CoreClient(DarterServer server, HttpProtocol protocol, string behaviour)
    {
        _client = ServerClient.Create(server.Address, protocol);
        _client.DefaultRequestHeaders.Add("X-Behaviour", behaviour);
    }

    public HttpRequestHeaders Headers => _client.DefaultRequestHeaders;

    public Task<HttpResponseMessage> GetAsync(string target) => SendAsync(HttpMethod.Get, target);

    public async Task<string> GetTextAsync(string target)
    {
        using HttpResponseMessage response = await GetAsync(target);
        return await response.Content.ReadAsStringAsync();
    }

    public async Task<JsonElement> GetJsonAsync(string target) => JsonDocument.Parse(await GetTextAsync(target)).RootElement;

    /// <summary>Sends a request and returns as soon as the head of the response is there.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, HttpContent? content = null) =>
        _client.SendAsync(Request(method, target, content), HttpCompletionOption.ResponseHeadersRead);

    /// <summary>Sends a POST that the client breaks off on the way.</summary>
    public Task<HttpResponseMessage> PostUntilAsync(string target, HttpContent content, CancellationToken cancellation) =>
        _client.SendAsync(Request(HttpMethod.Post, target, content), HttpCompletionOption.ResponseHeadersRead, cancellation);

    public void Dispose() => _client.Dispose();

    // The client's version applies to its own convenience methods only, not to requests made by hand.
    private HttpRequestMessage Request(HttpMethod method, string target, HttpContent? content) =>
        new(method, target) { Content = content, Version = _client.DefaultRequestVersion, VersionPolicy = _client.DefaultVersionPolicy };
}
