using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Darter.Server.Configuration;

namespace Darter.Server.Hub;

/// <summary>
/// JSON web tokens (RFC 7519) of one kind: signed by HMAC with SHA-256 (HS256), with a secret that both sides know.
/// </summary>
public sealed class WebToken
{
    private const int LongestToken = 8192;

    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <param name="key">The secret, one for which <see cref="HubConfig.IsKey"/> holds.</param>
    /// <param name="time">The clock.</param>
    public WebToken(string key, TimeProvider time)
    {
        _key = HubConfig.KeyBytes(key);
        _time = time;
    }

    /// <summary>Makes a token that says who signs and is valid for a while.</summary>
    public string Make(string issuer, TimeSpan validity)
    {
        System.Buffers.ArrayBufferWriter<byte> claims = new();
        using (Utf8JsonWriter writer = new(claims))
        {
            writer.WriteStartObject();
            writer.WriteString("iss", issuer);
            writer.WriteNumber("exp", (_time.GetUtcNow() + validity).ToUnixTimeSeconds());
            writer.WriteEndObject();
        }

        string signed = $"{Base64Url.EncodeToString("""{"typ":"JWT","alg":"HS256"}"""u8)}.{Base64Url.EncodeToString(claims.WrittenSpan)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Whether a token is one of HS256, signed with the key, and valid now.</summary>
    internal bool Verify(string token)
    {
        string[] parts = token.Length <= LongestToken ? token.Split('.') : [];
        if (parts.Length != 3 || !Ascii.IsValid(token) || !parts.All(part => Base64Url.IsValid(part)))
        {
            return false;
        }

        // The signature first: what is not signed is not looked at.
        byte[] expected = HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"));
        return CryptographicOperations.FixedTimeEquals(expected, Base64Url.DecodeFromChars(parts[2]))
            && IsOfThisKind(Base64Url.DecodeFromChars(parts[0]))
            && IsValidNow(Base64Url.DecodeFromChars(parts[1]));
    }

    private static bool IsOfThisKind(byte[] header)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(header);
            return JsonMembers.Of(document.RootElement, "the header").Text("alg") == "HS256";
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool IsValidNow(byte[] claims)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(claims);
            double now = _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            return document.RootElement.ValueKind == JsonValueKind.Object
                && (!document.RootElement.TryGetProperty("exp", out JsonElement end) || (end.ValueKind == JsonValueKind.Number && now < end.GetDouble()))
                && (!document.RootElement.TryGetProperty("nbf", out JsonElement begin) || (begin.ValueKind == JsonValueKind.Number && now >= begin.GetDouble()));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }
}
