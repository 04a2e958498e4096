using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Darter.Server.Tests.Tls.Acme;

/// <summary>
/// An authority that takes nothing on trust: signatures, nonces, addresses and requests for certificates are verified. What it
/// answers can be replaced.
/// </summary>
internal sealed class FakeAuthority(TimeProvider time) : HttpMessageHandler
{
    internal const string Site = "https://authority.example";
    internal static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _nonces = [];
    private readonly List<JsonElement> _accounts = [];
    private readonly List<Order> _orders = [];
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Called with the path of each request; null: the usual answer.</summary>
    internal Func<string, HttpResponseMessage?> Replace { get; set; } = _ => null;

    /// <summary>Looks at the answer of a challenge: the kind, the name, the token and what the answer must be; null: it is right, else the kind of problem.</summary>
    internal Func<string, string, string, string, string?> Validate { get; set; } = (_, _, _, _) => null;

    /// <summary>The key that accounts must be bound to; null: none.</summary>
    internal (string Id, byte[] Key)? External { get; init; }

    /// <summary>The challenges that are offered.</summary>
    internal string[] Offered { get; init; } = ["dns-01", "http-01", "tls-alpn-01"];

    /// <summary>How often an order is looked at before it is what it will be.</summary>
    internal int Slowness { get; init; }

    /// <summary>The paths of all requests.</summary>
    internal List<string> Requests { get; } = [];

    /// <summary>The names that certificates were ordered for.</summary>
    internal IEnumerable<string> Ordered => _orders.Select(order => order.Domain);

    /// <summary>The names that certificates were given out for.</summary>
    internal IEnumerable<string> Issued => _orders.Where(order => order.Certificate is not null).Select(order => order.Domain);

    internal static HttpResponseMessage Json(HttpStatusCode status, string json) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    internal static HttpResponseMessage Problem(HttpStatusCode status, string kind) =>
        Json(status, $$"""{"type":"urn:ietf:params:acme:error:{{kind}}","detail":"said by the test"}""");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string path = request.RequestUri!.AbsolutePath;
        byte[]? body = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        lock (_lock)
        {
            Requests.Add(path);
            HttpResponseMessage response = Replace(path) ?? Answer(request, path, body);
            string nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
            _nonces.Add(nonce);
            response.Headers.Add("Replay-Nonce", nonce);
            response.RequestMessage = request;
            return response;
        }
    }

    private HttpResponseMessage Answer(HttpRequestMessage request, string path, byte[]? body)
    {
        Assert.NotEmpty(request.Headers.UserAgent);
        if (path == "/directory")
        {
            return Json(HttpStatusCode.OK, $$"""
                {"newNonce":"{{Site}}/nonce","newAccount":"{{Site}}/account","newOrder":"{{Site}}/order",
                 "meta":{"externalAccountRequired":{{(External is null ? "false" : "true")}} } }
                """);
        }

        if (path == "/nonce")
        {
            return new HttpResponseMessage(HttpStatusCode.OK);
        }

        Assert.Equal(HttpMethod.Post, request.Method);
        Assert.Equal("application/jose+json", request.Content!.Headers.ContentType!.ToString());
        JsonElement message = JsonDocument.Parse(body!).RootElement;
        JsonElement header = JsonDocument.Parse(Part(message, "protected")).RootElement;
        Assert.Equal(request.RequestUri!.OriginalString, header.GetProperty("url").GetString());
        if (!_nonces.Remove(header.GetProperty("nonce").GetString()!))
        {
            return Problem(HttpStatusCode.BadRequest, "badNonce");
        }

        JsonElement jwk = header.TryGetProperty("jwk", out JsonElement sent) ? sent : _accounts[NumberOf(header.GetProperty("kid").GetString()!)];
        Assert.Equal(path == "/account", header.TryGetProperty("jwk", out _));
        Assert.Equal("ES256", header.GetProperty("alg").GetString());
        Verify(message, jwk);
        byte[] payload = Part(message, "payload");
        return path.Split('/')[1] switch
        {
            "account" => MakeAccount(payload, jwk),
            "order" when path == "/order" => MakeOrder(payload),
            "order" => DescribeOrder(_orders[NumberOf(path)], HttpStatusCode.OK),
            "authorization" => DescribeAuthorization(_orders[NumberOf(path)], payload),
            "challenge" => Begin(_orders[NumberOf(path)], path.Split('/')[3], payload, jwk),
            "finalize" => Issue(_orders[NumberOf(path)], payload),
            "certificate" => Download(_orders[NumberOf(path)], payload),
            _ => Problem(HttpStatusCode.NotFound, "malformed"),
        };
    }

    private HttpResponseMessage MakeAccount(byte[] payload, JsonElement jwk)
    {
        JsonElement account = JsonDocument.Parse(payload).RootElement;
        Assert.True(account.GetProperty("termsOfServiceAgreed").GetBoolean());
        if (External is { } external)
        {
            JsonElement binding = account.GetProperty("externalAccountBinding");
            JsonElement header = JsonDocument.Parse(Part(binding, "protected")).RootElement;
            Assert.Equal(("HS256", external.Id, $"{Site}/account"), (header.GetProperty("alg").GetString()!, header.GetProperty("kid").GetString()!, header.GetProperty("url").GetString()!));
            Assert.Equal(jwk.GetRawText(), Encoding.ASCII.GetString(Part(binding, "payload")));
            Assert.Equal(HMACSHA256.HashData(external.Key, Signed(binding)), Part(binding, "signature"));
        }

        _accounts.Add(jwk.Clone());
        HttpResponseMessage response = Json(HttpStatusCode.Created, Encoding.UTF8.GetString(payload));
        response.Headers.Location = new Uri($"{Site}/accounts/{_accounts.Count - 1}");
        return response;
    }

    private HttpResponseMessage MakeOrder(byte[] payload)
    {
        JsonElement identifier = Assert.Single(JsonDocument.Parse(payload).RootElement.GetProperty("identifiers").EnumerateArray());
        Assert.Equal("dns", identifier.GetProperty("type").GetString());
        Order order = new(_orders.Count, identifier.GetProperty("value").GetString()!) { Left = Slowness };
        _orders.Add(order);
        HttpResponseMessage response = DescribeOrder(order, HttpStatusCode.Created);
        response.Headers.Location = new Uri($"{Site}/order/{order.Number}");
        return response;
    }

    private static HttpResponseMessage DescribeOrder(Order order, HttpStatusCode code)
    {
        string status = order.Authorized != "valid" ? "pending" : order.Certificate is null ? "ready" : order.Left-- > 0 ? "processing" : "valid";
        string certificate = status == "valid" ? $",\"certificate\":\"{Site}/certificate/{order.Number}\"" : "";
        return Json(code, $$"""
            {"status":"{{status}}","authorizations":["{{Site}}/authorization/{{order.Number}}"],"finalize":"{{Site}}/finalize/{{order.Number}}"{{certificate}}}
            """);
    }

    private HttpResponseMessage DescribeAuthorization(Order order, byte[] payload)
    {
        Assert.Empty(payload);
        string error = order.Problem is null ? "" : $$""","error":{"type":"urn:ietf:params:acme:error:{{order.Problem}}","detail":"no answer"}""";
        IEnumerable<string> challenges = Offered.Select(kind =>
            $$"""{"type":"{{kind}}","url":"{{Site}}/challenge/{{order.Number}}/{{kind}}","status":"pending","token":"{{order.Token}}"{{error}}}""");
        return Json(HttpStatusCode.OK, $$"""
            {"status":"{{order.Authorized}}","identifier":{"type":"dns","value":"{{order.Domain}}"},"challenges":[{{string.Join(',', challenges)}}]}
            """);
    }

    private HttpResponseMessage Begin(Order order, string kind, byte[] payload, JsonElement jwk)
    {
        Assert.Equal("{}"u8, payload);
        string canonical = $$"""{"crv":"P-256","kty":"EC","x":"{{jwk.GetProperty("x").GetString()}}","y":"{{jwk.GetProperty("y").GetString()}}"}""";
        string expected = $"{order.Token}.{Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)))}";
        order.Problem = Validate(kind, order.Domain, order.Token, expected);
        order.Authorized = order.Problem is null ? "valid" : "invalid";
        return Json(HttpStatusCode.OK, $$"""{"type":"{{kind}}","url":"{{Site}}/challenge/{{order.Number}}/{{kind}}","status":"processing","token":"{{order.Token}}"}""");
    }

    private HttpResponseMessage Issue(Order order, byte[] payload)
    {
        byte[] der = Base64Url.DecodeFromChars(JsonDocument.Parse(payload).RootElement.GetProperty("csr").GetString());
        CertificateRequest request = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        X509SubjectAlternativeNameExtension names = new(request.CertificateExtensions.Single(extension => extension.Oid?.Value == "2.5.29.17").RawData);
        Assert.Equal([order.Domain], names.EnumerateDnsNames());
        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 certificate = request.Create(
            new X500DistinguishedName("CN=authority"), X509SignatureGenerator.CreateForECDsa(_key), now, now + Lifetime, [1, (byte)order.Number]);
        order.Certificate = certificate.ExportCertificatePem();
        return DescribeOrder(order, HttpStatusCode.OK);
    }

    private static HttpResponseMessage Download(Order order, byte[] payload)
    {
        Assert.Empty(payload);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(order.Certificate!, Encoding.ASCII, "application/pem-certificate-chain") };
    }

    private static void Verify(JsonElement message, JsonElement jwk)
    {
        using ECDsa key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()) },
        });
        Assert.True(key.VerifyData(Signed(message), Part(message, "signature"), HashAlgorithmName.SHA256));
    }

    private static byte[] Signed(JsonElement message) => Encoding.ASCII.GetBytes($"{message.GetProperty("protected").GetString()}.{message.GetProperty("payload").GetString()}");

    private static byte[] Part(JsonElement message, string name) => Base64Url.DecodeFromChars(message.GetProperty(name).GetString());

    private static int NumberOf(string path) => int.Parse(path.Replace(Site, "", StringComparison.Ordinal).Split('/')[2], System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Order(int number, string domain)
    {
        internal int Number => number;

        internal string Domain => domain;

        internal string Token { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

        internal string Authorized { get; set; } = "pending";

        internal string? Problem { get; set; }

        internal string? Certificate { get; set; }

        internal int Left { get; set; }
    }
}
