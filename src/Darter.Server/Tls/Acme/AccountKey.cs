using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Darter.Server.Tls.Acme;

/// <summary>The key of an account with an authority, on the curve P-256, and what is signed with it (ES256).</summary>
internal sealed class AccountKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly byte[] _jwk;

    private AccountKey(ECDsa key)
    {
        _key = key;
        ECParameters parameters = key.ExportParameters(includePrivateParameters: false);

        // RFC 7638, section 3.3: these members, in this order, without white space.
        string jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(parameters.Q.X)}}","y":"{{Base64Url.EncodeToString(parameters.Q.Y)}}"}""";
        _jwk = Encoding.ASCII.GetBytes(jwk);
        Jwk = JsonDocument.Parse(_jwk).RootElement;
        Thumbprint = Base64Url.EncodeToString(SHA256.HashData(_jwk));
    }

    /// <summary>The public key.</summary>
    internal JsonElement Jwk { get; }

    /// <summary>The public key's digest.</summary>
    internal string Thumbprint { get; }

    /// <summary>Makes a new one.</summary>
    internal static AccountKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads one.</summary>
    /// <exception cref="CryptographicException">The text is none.</exception>
    internal static AccountKey FromPem(string pem)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize == 256 ? new AccountKey(key) : throw new CryptographicException("The key is not one of P-256.");
        }
        catch (ArgumentException exception)
        {
            key.Dispose();
            throw new CryptographicException("There is no key.", exception);
        }
        catch (CryptographicException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The private key.</summary>
    internal string ExportPem() => $"{_key.ExportPkcs8PrivateKeyPem()}\n";

    /// <summary>What shows that the account's owner answers a challenge (RFC 8555, section 8.1).</summary>
    internal string AuthorizationFor(string token) => $"{token}.{Thumbprint}";

    /// <summary>Signs a message for an address.</summary>
    /// <param name="url">Where it is sent to.</param>
    /// <param name="nonce">The nonce.</param>
    /// <param name="account">The account's address; null: there is none yet, so the key is sent.</param>
    /// <param name="payload">The message; empty for one that only asks (POST-as-GET).</param>
    internal JsonWebSignature Sign(Uri url, string nonce, Uri? account, ReadOnlySpan<byte> payload)
    {
        JsonWebHeader header = new("ES256", account?.OriginalString, account is null ? Jwk : null, nonce, url);
        (string protectedText, string payloadText, byte[] input) = Encode(header, payload);
        return new JsonWebSignature(protectedText, payloadText, Base64Url.EncodeToString(_key.SignData(input, HashAlgorithmName.SHA256)));
    }

    /// <summary>Binds the account to another one (RFC 8555, section 7.3.4).</summary>
    internal JsonWebSignature Bind(Uri newAccount, string keyId, string key)
    {
        (string protectedText, string payloadText, byte[] input) = Encode(new JsonWebHeader("HS256", keyId, null, null, newAccount), _jwk);
        return new JsonWebSignature(protectedText, payloadText, Base64Url.EncodeToString(HMACSHA256.HashData(Base64Url.DecodeFromChars(key), input)));
    }

    public void Dispose() => _key.Dispose();

    private static (string Protected, string Payload, byte[] Input) Encode(JsonWebHeader header, ReadOnlySpan<byte> payload)
    {
        string protectedText = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header, AcmeJson.Default.JsonWebHeader));
        string payloadText = Base64Url.EncodeToString(payload);
        return (protectedText, payloadText, Encoding.ASCII.GetBytes($"{protectedText}.{payloadText}"));
    }
}
