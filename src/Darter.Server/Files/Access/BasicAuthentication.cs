using System.Net;
using System.Security.Cryptography;
using System.Text;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Files.Access;

/// <summary>Asks for a user and a password before anything is answered (RFC 7617).</summary>
internal sealed class BasicAuthentication(AuthConfig config, IFrontHandler next, TimeProvider time) : IFrontHandler
{
    // Requests whose password is being hashed, or waits for that.
    private const int MostWaiting = 32;

    private readonly FailureLimit _failures = new(time);
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    // Hashing takes long on purpose, and every request has the password. What was right once is known by its code under a
    // key that lives as long as the process.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private byte[]? _known;
    private int _waiting;

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        string? authorization = request.Headers.Authorization.Count == 1 ? request.Headers.Authorization[0] : null;
        if (authorization is null)
        {
            return RefuseAsync(features, StatusCodes.Status401Unauthorized);
        }

        byte[] code = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(authorization));
        return _known is { } known && CryptographicOperations.FixedTimeEquals(known, code) ? next.TryHandle(features) : CheckAsync(features, authorization, code);
    }

    private async Task<long> CheckAsync(IFeatureCollection features, string authorization, byte[] code)
    {
        IPAddress? client = features.Get<IHttpConnectionFeature>()?.RemoteIpAddress;
        if (_failures.IsExceeded(client) || Volatile.Read(ref _waiting) >= MostWaiting)
        {
            features.GetRequiredFeature<IHttpResponseFeature>().Headers.RetryAfter = "60";
            return await RefuseAsync(features, StatusCodes.Status429TooManyRequests).ConfigureAwait(false);
        }

        Interlocked.Increment(ref _waiting);
        await _hashing.WaitAsync().ConfigureAwait(false);
        bool matches;
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            matches = !_failures.IsExceeded(client) && Matches(authorization);
        }
        finally
        {
            _hashing.Release();
            Interlocked.Decrement(ref _waiting);
        }

        if (!matches)
        {
            _failures.Add(client);
            return await RefuseAsync(features, StatusCodes.Status401Unauthorized).ConfigureAwait(false);
        }

        _known = code;
        return next.TryHandle(features) is { } handling
            ? await handling.ConfigureAwait(false)
            : await RefuseAsync(features, StatusCodes.Status404NotFound).ConfigureAwait(false);
    }

    private bool Matches(string authorization)
    {
        Span<byte> decoded = new byte[authorization.Length];
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64Chars(authorization.AsSpan("Basic ".Length).Trim(), decoded, out int length))
        {
            return false;
        }

        string credentials = Encoding.UTF8.GetString(decoded[..length]);
        int colon = credentials.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return false;
        }

        // The password is hashed for a wrong user, too: the time it takes must not tell which users there are.
        bool user = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(credentials[..colon]), Encoding.UTF8.GetBytes(config.User));
        return config.Password.Matches(credentials[(colon + 1)..]) & user;
    }

    private static async Task<long> RefuseAsync(IFeatureCollection features, int status)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Basic realm=\"Files\", charset=\"UTF-8\"";
        }

        return await PlainAnswer.WriteAsync(features, status).ConfigureAwait(false);
    }
}
