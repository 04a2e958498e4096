using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;

namespace Darter.Server.Tls.Acme;

/// <summary>Obtains one certificate (RFC 8555, section 7.4).</summary>
/// <param name="client">The authority.</param>
/// <param name="key">The account's key.</param>
/// <param name="state">Where challenges are answered from.</param>
/// <param name="time">The clock.</param>
internal sealed class CertificateOrder(AcmeClient client, AccountKey key, AcmeState state, TimeProvider time)
{
    private const string Http01 = "http-01";
    private const string TlsAlpn01 = "tls-alpn-01";
    private const int LongestChain = 64 * 1024;

    // The authority has to look at the answer from several places, and may be busy.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(15);

    /// <summary>Returns the certificate, those behind it, and its key, PEM.</summary>
    /// <param name="domain">The name.</param>
    /// <param name="kinds">The challenges that may be answered, the preferred one first.</param>
    /// <param name="cancellation">Breaks off; challenges are not answered any more then.</param>
    /// <exception cref="AcmeException">The authority refuses, or makes no sense.</exception>
    /// <exception cref="IOException">The answer of a challenge cannot be kept.</exception>
    internal async Task<string> RunAsync(string domain, IReadOnlyList<AcmeChallengeKind> kinds, CancellationToken cancellation)
    {
        await client.OpenAsync(cancellation).ConfigureAwait(false);
        AcmeAnswer<AcmeOrder> ordered = await client.OrderAsync(domain, cancellation).ConfigureAwait(false);
        Uri url = AcmeClient.Need(ordered.Location, "the address of the order");
        foreach (Uri authorization in AcmeClient.Need(ordered.Content.Authorizations, "authorizations"))
        {
            await AuthorizeAsync(AcmeClient.Need(authorization, "an authorization"), domain, kinds, cancellation).ConfigureAwait(false);
        }

        AcmeAnswer<AcmeOrder> ready = await PollAsync(url, AcmeJson.Default.AcmeOrder, order => order.Status is "pending", "be ready", cancellation).ConfigureAwait(false);
        if (ready.Content.Status is not ("ready" or "processing" or "valid"))
        {
            throw Failed("the order", ready.Content.Status, ready.Content.Error);
        }

        using ECDsa certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Uri finalize = AcmeClient.Need(ready.Content.Finalize, "finalize");
        AcmeAnswer<AcmeOrder> final = await client.FinalizeAsync(finalize, RequestFor(domain, certificateKey), cancellation).ConfigureAwait(false);
        if (final.Content.Status is not ("valid" or "invalid"))
        {
            await PauseAsync(final.RetryAfter ?? s_firstPause, cancellation).ConfigureAwait(false);
            final = await PollAsync(url, AcmeJson.Default.AcmeOrder, order => order.Status is "processing" or "ready", "issue it", cancellation).ConfigureAwait(false);
        }

        if (final.Content.Status != "valid")
        {
            throw Failed("the order", final.Content.Status, final.Content.Error);
        }

        string chain = await client.DownloadAsync(AcmeClient.Need(final.Content.Certificate, "the address of the certificate"), cancellation).ConfigureAwait(false);
        return Verified(domain, chain, certificateKey);
    }

    private async Task AuthorizeAsync(Uri url, string domain, IReadOnlyList<AcmeChallengeKind> kinds, CancellationToken cancellation)
    {
        AcmeAuthorization authorization = (await client.GetAsync(url, AcmeJson.Default.AcmeAuthorization, cancellation).ConfigureAwait(false)).Content;
        if (authorization.Status == "valid")
        {
            // From an order before this one.
            return;
        }

        IReadOnlyList<AcmeChallenge> offered = AcmeClient.Need(authorization.Challenges, "challenges");
        AcmeChallenge challenge = kinds.Select(kind => offered.FirstOrDefault(candidate => candidate?.Type == NameOf(kind))).FirstOrDefault(found => found is not null)
            ?? throw new AcmeException($"the authority offers {string.Join(", ", offered.Select(one => one?.Type))}, not {string.Join(" or ", kinds.Select(NameOf))} (--acme-challenge)");
        string token = AcmeClient.Need(challenge.Token, "a token");
        if (!AcmeState.IsToken(token))
        {
            throw new AcmeException("the authority's token is none");
        }

        using IDisposable answer = challenge.Type == Http01
            ? state.AnswerHttp(token, key.AuthorizationFor(token))
            : state.AnswerTls(domain, key.AuthorizationFor(token));
        await client.BeginAsync(AcmeClient.Need(challenge.Url, "the address of a challenge"), cancellation).ConfigureAwait(false);
        authorization = (await PollAsync(url, AcmeJson.Default.AcmeAuthorization, now => now.Status is "pending" or "processing", "look at the answer", cancellation).ConfigureAwait(false)).Content;
        if (authorization.Status != "valid")
        {
            AcmeProblem? problem = authorization.Challenges?.FirstOrDefault(candidate => candidate?.Error is not null)?.Error;
            throw Failed($"the challenge {challenge.Type}", authorization.Status, problem);
        }
    }

    /// <summary>Asks until something has happened.</summary>
    private async Task<AcmeAnswer<T>> PollAsync<T>(
        Uri url, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, Func<T, bool> isWaiting, string what, CancellationToken cancellation)
    {
        long begin = time.GetTimestamp();
        for (TimeSpan pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            AcmeAnswer<T> answer = await client.GetAsync(url, type, cancellation).ConfigureAwait(false);
            if (!isWaiting(answer.Content))
            {
                return answer;
            }

            if (time.GetElapsedTime(begin) > s_patience)
            {
                throw new AcmeException($"the authority did not {what} within {s_patience.TotalMinutes} minutes");
            }

            await PauseAsync(answer.RetryAfter ?? pause, cancellation).ConfigureAwait(false);
        }
    }

    private Task PauseAsync(TimeSpan wanted, CancellationToken cancellation) =>
        Task.Delay(wanted < s_patience ? wanted : s_patience, time, cancellation);

    private static string NameOf(AcmeChallengeKind kind) => kind == AcmeChallengeKind.Http01 ? Http01 : TlsAlpn01;

    private static AcmeException Failed(string what, string? status, AcmeProblem? problem) =>
        problem is null ? new AcmeException($"{what} ended as '{status}', without a reason") : new AcmeException(problem with { Detail = $"{what} failed: {problem.Detail}" }, null);

    private static byte[] RequestFor(string domain, ECDsa key)
    {
        CertificateRequest request = new(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(domain);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSigningRequest();
    }

    private static string Verified(string domain, string chain, ECDsa key)
    {
        if (chain.Length > LongestChain)
        {
            throw new AcmeException("the certificate is too long to be one");
        }

        string pem = $"{chain.TrimEnd()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
        try
        {
            return LoadedCertificate.FromPem(pem).Matches(domain) ? pem : throw new AcmeException("the certificate is not for the name that it was ordered for");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new AcmeException($"the certificate makes no sense: {exception.Message}", exception);
        }
    }
}
