using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Darter.Server.Configuration;
using Darter.Server.Control;
using Darter.Server.Hub;

namespace Darter.Cli.Publishing;

/// <summary>Asks a publish endpoint: over a Unix socket, or over TCP, with TLS for https.</summary>
internal sealed class PublishClient
{
    private const string AddressVariable = "DARTER_PUBLISH";
    private const string KeyVariable = "DARTER_HUB_KEY";
    private const string UnixPrefix = "unix:";

    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(5);

    private readonly string _address;
    private readonly string? _key;

    /// <param name="address">The endpoint; null: that of the environment, or of the only running server.</param>
    /// <param name="key">The key; null: that of the environment, if there is one.</param>
    /// <exception cref="IOException">No endpoint was named, and not one server is running.</exception>
    /// <exception cref="ArgumentException">The key is none.</exception>
    internal PublishClient(string? address, string? key)
    {
        _address = address ?? NotEmpty(AddressVariable) ?? Find();
        _key = key ?? NotEmpty(KeyVariable);
        if (_key is not null && !HubConfig.IsKey(_key))
        {
            throw new ArgumentException("--key: what is behind 'base64:' is not base64");
        }
    }

    /// <summary>Publishes.</summary>
    /// <exception cref="IOException">There is no server, or it does not answer.</exception>
    internal async Task<(int Status, byte[] Body)> SendAsync(byte[] body, CancellationToken cancellation)
    {
        try
        {
            return _address.StartsWith(UnixPrefix, StringComparison.Ordinal)
                ? await new ControlClient(_address[UnixPrefix.Length..].Split('?')[0]).SendAsync("POST", "/publish/", body, cancellation).ConfigureAwait(false)
                : await SendAsync(UrlOf(_address), body, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException)
        {
            throw new IOException($"{_address}: {exception.Message}", exception);
        }
    }

    private async Task<(int Status, byte[] Body)> SendAsync(Uri url, byte[] body, CancellationToken cancellation)
    {
        using TcpClient client = new();
        await client.ConnectAsync(url.DnsSafeHost, url.Port, cancellation).ConfigureAwait(false);
        string path = url.AbsolutePath.TrimEnd('/');
        path = path.EndsWith("/publish", StringComparison.Ordinal) ? path : path + "/publish";
        string head = $"POST {path}/ HTTP/1.1\r\nHost: {url.Authority}";
        if (_key is not null)
        {
            head += $"\r\nAuthorization: Bearer {new WebToken(_key, TimeProvider.System).Make("darter", Validity)}";
        }

        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return await ControlClient.ExchangeAsync(client.GetStream(), head, body, cancellation).ConfigureAwait(false);
        }

        using SslStream stream = new(client.GetStream());
        await stream.AuthenticateAsClientAsync(url.DnsSafeHost).ConfigureAwait(false);
        return await ControlClient.ExchangeAsync(stream, head, body, cancellation).ConfigureAwait(false);
    }

    private static Uri UrlOf(string address) =>
        Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}", UriKind.Absolute, out Uri? url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : throw new IOException("no address of a publish endpoint: write unix:PATH, HOST:PORT or a URL");

    private static string Find()
    {
        string[] found = [.. ControlFolder.Candidates.SelectMany(ControlFolder.PublishSockets).Where(Answers)];
        return found.Length switch
        {
            1 => UnixPrefix + found[0],
            0 => throw new IOException("no running server of this user was found. Name its publish endpoint with --address."),
            _ => throw new IOException($"several servers are running. Name the publish endpoint of one with --address: {string.Join(", ", found.Select(path => UnixPrefix + path))}"),
        };
    }

    private static bool Answers(string path)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string? NotEmpty(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
