using Darter.Server.Configuration;

namespace Darter.Server.Tls.Acme;

/// <summary>How often an authority is asked, and how it is shown that a name is this server's.</summary>
internal sealed class AcmeRetries(AcmeConfig config)
{
    // Let's Encrypt allows five failed attempts for a name and hour: those after 0, 2, 6, 14 and 30 minutes.
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(6);
    private static readonly TimeSpan s_rateLimited = TimeSpan.FromHours(1);

    // What an authority may ask for at most: certificates are renewed weeks before their end.
    private static readonly TimeSpan s_longestAsked = TimeSpan.FromDays(7);

    /// <summary>Whether the server listens for http, too.</summary>
    internal bool HasHttp { get; set; }

    private bool CanSwitch => config.Challenge == AcmeChallengeKind.Auto && HasHttp;

    /// <summary>The challenges that may be answered, the preferred one first; another one after a failure.</summary>
    internal IReadOnlyList<AcmeChallengeKind> ChallengesFor(int failures) => config.Challenge switch
    {
        AcmeChallengeKind.Auto => CanSwitch && failures % 2 == 1
            ? [AcmeChallengeKind.Http01, AcmeChallengeKind.TlsAlpn01]
            : [AcmeChallengeKind.TlsAlpn01, AcmeChallengeKind.Http01],
        var only => [only],
    };

    /// <summary>What to remember after another failure.</summary>
    internal AcmeFailure After(int failures, AcmeException problem, DateTimeOffset now)
    {
        // The first time the other challenge is tried at once; one port may be closed, or led elsewhere.
        bool isAtOnce = CanSwitch && failures == 0 && problem.Kind is ("connection" or "unauthorized" or "tls" or "incorrectResponse");
        TimeSpan pause = isAtOnce ? TimeSpan.Zero : s_first * Math.Pow(2, Math.Min(failures, 16));
        pause = pause < s_longest ? pause : s_longest;
        TimeSpan asked = problem.RetryAfter ?? (problem.Kind == "rateLimited" ? s_rateLimited : TimeSpan.Zero);
        asked = asked < s_longestAsked ? asked : s_longestAsked;
        return new AcmeFailure(failures + 1, now + (asked > pause ? asked : pause));
    }
}
