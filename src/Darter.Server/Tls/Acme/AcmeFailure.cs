namespace Darter.Server.Tls.Acme;

/// <summary>That a name has no certificate yet although one was asked for; kept, lest a server that restarts again and again asks each time.</summary>
/// <param name="Count">How often in a row.</param>
/// <param name="NotBefore">When to try again at the earliest.</param>
internal sealed record AcmeFailure(int Count, DateTimeOffset NotBefore);
