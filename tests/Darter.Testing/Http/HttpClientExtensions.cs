namespace Darter.Testing.Http;

/// <summary>What <see cref="HttpClient"/> lacks.</summary>
public static class HttpClientExtensions
{
    /// <summary>
    /// Creates a request of the client's version: that applies to the client's own convenience methods only, not to
    /// requests made by hand.
    /// </summary>
    public static HttpRequestMessage CreateRequest(this HttpClient client, HttpMethod method, string target) =>
        new(method, target) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
}
