using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Darter.Server.Configuration;

namespace Darter.Server.Tls.Acme;

/// <summary>Asks an authority (RFC 8555, section 6): signed requests with nonces, bounded answers, problems as exceptions. One caller at a time.</summary>
internal sealed class AcmeClient : IDisposable
{
    private const int MostBadNonces = 5;
    private const int LongestAnswer = 1024 * 1024;
    private const string NonceField = "Replay-Nonce";
    private const string BadNonce = "badNonce";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly AcmeConfig _config;
    private readonly AccountKey _key;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private AcmeDirectory? _directory;
    private Uri? _account;
    private string? _nonce;

    /// <param name="config">The settings.</param>
    /// <param name="key">The account's key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="handler">How requests are sent; it is disposed of with this.</param>
    internal AcmeClient(AcmeConfig config, AccountKey key, TimeProvider time, HttpMessageHandler handler)
    {
        _config = config;
        _key = key;
        _time = time;
        _http = new HttpClient(handler) { Timeout = s_timeout, MaxResponseContentBufferSize = LongestAnswer };

        // RFC 8555, section 6.1: it must be there.
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("darter", typeof(AcmeClient).Assembly.GetName().Version?.ToString(3)));
    }

    /// <summary>Reads the directory, and makes the account or finds it again.</summary>
    internal async Task OpenAsync(CancellationToken cancellation)
    {
        if (_account is not null)
        {
            return;
        }

        _directory = await ReadDirectoryAsync(cancellation).ConfigureAwait(false);
        Uri newAccount = Need(_directory.NewAccount, "newAccount");
        if (_directory.Meta?.ExternalAccountRequired == true && _config.ExternalAccount is null)
        {
            throw new AcmeException(new AcmeProblem("urn:ietf:params:acme:error:externalAccountRequired", "the authority wants to know its accounts otherwise", null), null);
        }

        string[]? contact = _config.Email is null ? null : [$"mailto:{_config.Email}"];
        AcmeAccount wanted = new()
        {
            Contact = contact,
            TermsOfServiceAgreed = true,
            ExternalAccountBinding = _config.ExternalAccount is { } external ? _key.Bind(newAccount, external.KeyId, external.Key) : null,
        };
        AcmeAnswer<AcmeAccount> answer = await PostAsync(newAccount, Serialize(wanted, AcmeJson.Default.AcmeAccount), AcmeJson.Default.AcmeAccount, cancellation).ConfigureAwait(false);
        _account = Need(answer.Location, "the address of the account");
        if (contact is not null && answer.Content.Contact is { } known && !known.SequenceEqual(contact))
        {
            await PostAsync(_account, Serialize(new AcmeAccount { Contact = contact }, AcmeJson.Default.AcmeAccount), AcmeJson.Default.AcmeAccount, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Orders a certificate for a name; the answer has the order's address.</summary>
    internal Task<AcmeAnswer<AcmeOrder>> OrderAsync(string domain, CancellationToken cancellation) => PostAsync(
        Need(_directory?.NewOrder, "newOrder"),
        Serialize(new AcmeNewOrder([new AcmeIdentifier("dns", domain)]), AcmeJson.Default.AcmeNewOrder),
        AcmeJson.Default.AcmeOrder,
        cancellation);

    /// <summary>Has the authority look at the answer of a challenge.</summary>
    internal Task<AcmeAnswer<AcmeChallenge>> BeginAsync(Uri challenge, CancellationToken cancellation) =>
        PostAsync(challenge, "{}"u8.ToArray(), AcmeJson.Default.AcmeChallenge, cancellation);

    /// <summary>Sends the request for the certificate.</summary>
    internal Task<AcmeAnswer<AcmeOrder>> FinalizeAsync(Uri finalize, byte[] request, CancellationToken cancellation) => PostAsync(
        finalize, Serialize(new AcmeFinalization(Base64Url.EncodeToString(request)), AcmeJson.Default.AcmeFinalization), AcmeJson.Default.AcmeOrder, cancellation);

    /// <summary>Reads something of the account's own (POST-as-GET, section 6.3).</summary>
    internal Task<AcmeAnswer<T>> GetAsync<T>(Uri url, JsonTypeInfo<T> type, CancellationToken cancellation) => PostAsync(url, [], type, cancellation);

    /// <summary>Downloads a certificate and those behind it, PEM.</summary>
    internal async Task<string> DownloadAsync(Uri certificate, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendSignedAsync(certificate, [], cancellation).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What an answer must have.</summary>
    /// <exception cref="AcmeException">It has not.</exception>
    internal static T Need<T>(T? value, string what)
        where T : class => value ?? throw new AcmeException($"the authority's answer lacks {what}");

    private static byte[] Serialize<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private async Task<AcmeDirectory> ReadDirectoryAsync(CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, _config.Directory);
        using HttpResponseMessage response = await SendAsync(request, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw await ProblemOfAsync(response, cancellation).ConfigureAwait(false);
        }

        return await ReadAsync(response, AcmeJson.Default.AcmeDirectory, cancellation).ConfigureAwait(false);
    }

    private async Task<AcmeAnswer<T>> PostAsync<T>(Uri url, byte[] payload, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendSignedAsync(url, payload, cancellation).ConfigureAwait(false);
        return new AcmeAnswer<T>(await ReadAsync(response, type, cancellation).ConfigureAwait(false), response.Headers.Location, RetryAfterOf(response));
    }

    private async Task<HttpResponseMessage> SendSignedAsync(Uri url, byte[] payload, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            string nonce = _nonce ?? await NewNonceAsync(cancellation).ConfigureAwait(false);
            _nonce = null;
            using HttpRequestMessage request = new(HttpMethod.Post, url);
            request.Content = new ByteArrayContent(Serialize(_key.Sign(url, nonce, _account, payload), AcmeJson.Default.JsonWebSignature));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/jose+json");
            HttpResponseMessage response = await SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                AcmeException problem = await ProblemOfAsync(response, cancellation).ConfigureAwait(false);

                // Section 6.5: the answer has another nonce.
                if (problem.Kind != BadNonce || attempt == MostBadNonces)
                {
                    throw problem;
                }
            }
        }
    }

    private async Task<string> NewNonceAsync(CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Head, Need(_directory?.NewNonce, "newNonce"));
        using HttpResponseMessage response = await SendAsync(request, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw await ProblemOfAsync(response, cancellation).ConfigureAwait(false);
        }

        return Need(_nonce, "a nonce");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (!request.RequestUri!.IsAbsoluteUri)
        {
            throw new AcmeException($"the authority names '{request.RequestUri}', which is no address");
        }

        try
        {
            HttpResponseMessage response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.Headers.TryGetValues(NonceField, out IEnumerable<string>? nonces) && nonces.First() is { Length: > 0 } nonce && Base64Url.IsValid(nonce))
            {
                _nonce = nonce;
            }

            return response;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // The outer message of a failed handshake says nothing.
            string reason = exception is OperationCanceledException ? $"no answer within {s_timeout.TotalSeconds} s" : (exception.InnerException ?? exception).Message;
            throw new AcmeException($"{request.RequestUri.Authority} cannot be asked: {reason}", exception);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        try
        {
            byte[] content = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return JsonSerializer.Deserialize(content, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new AcmeException($"the answer of {response.RequestMessage?.RequestUri} makes no sense: {exception.Message}", exception);
        }
    }

    private async Task<AcmeException> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        AcmeProblem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false), AcmeJson.Default.AcmeProblem);
        }
        catch (JsonException)
        {
            // A proxy's page, say; the status says enough.
        }

        string status = $"{(int)response.StatusCode} from {response.RequestMessage?.RequestUri}";
        return new AcmeException(problem?.Type is null ? new AcmeProblem(status, problem?.Detail, null) : problem, RetryAfterOf(response));
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > _time.GetUtcNow() => date - _time.GetUtcNow(),
        _ => null,
    };
}
