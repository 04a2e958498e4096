using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Access;

/// <summary>Asks for a user and a password (RFC 7617).</summary>
internal sealed class PasswordGuard
{
    // Requests whose password is being hashed, or waits for that.
    private const int MostWaiting = 32;

    private readonly IReadOnlyList<AuthConfig> _users;
    private readonly string _challenge;
    private readonly FailureLimit _failures;
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    // Hashing takes long on purpose, and every request has the password. What was right once is known by its code under a
    // key that lives as long as the process: one for each way to write a user's credentials, of which there are few.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private int _waiting;

    /// <param name="users">Who may pass.</param>
    /// <param name="realm">What the password is for.</param>
    /// <param name="time">The clock.</param>
    internal PasswordGuard(IReadOnlyList<AuthConfig> users, string realm, TimeProvider time)
    {
        _users = users;
        _challenge = $"Basic realm=\"{realm.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\", charset=\"UTF-8\"";
        _failures = new FailureLimit(time);
    }

    /// <summary>Decides about a request. Null: it may pass. Else the bytes of the body of a refusal, or -1: it may pass after all.</summary>
    internal Task<long>? Check(IFeatureCollection features, IPAddress? client)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        string? authorization = request.Headers.Authorization.Count == 1 ? request.Headers.Authorization[0] : null;
        if (authorization is null)
        {
            return RefuseAsync(features, StatusCodes.Status401Unauthorized);
        }

        string code = Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(authorization)));
        return _known.ContainsKey(code) ? null : CheckAsync(features, authorization, code, client);
    }

    private async Task<long> CheckAsync(IFeatureCollection features, string authorization, string code, IPAddress? client)
    {
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

        if (_known.Count > 16 * _users.Count)
        {
            _known.Clear();
        }

        _known[code] = true;
        return -1;
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

        byte[] name = Encoding.UTF8.GetBytes(credentials[..colon]);
        AuthConfig? user = null;
        foreach (AuthConfig candidate in _users)
        {
            if (CryptographicOperations.FixedTimeEquals(name, Encoding.UTF8.GetBytes(candidate.User)))
            {
                user = candidate;
            }
        }

        // The password is hashed for a wrong user, too: the time it takes must not tell which users there are.
        return (user ?? _users[0]).Password.Matches(credentials[(colon + 1)..]) & user is not null;
    }

    private async Task<long> RefuseAsync(IFeatureCollection features, int status)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            features.GetRequiredFeature<IHttpResponseFeature>().Headers.WWWAuthenticate = _challenge;
        }

        return await PlainAnswer.WriteAsync(features, status).ConfigureAwait(false);
    }
}
