namespace Darter.Server.Tls.Acme;

/// <summary>What an authority answers.</summary>
/// <param name="Content">The body.</param>
/// <param name="Location">The address of what was made; null: it says none.</param>
/// <param name="RetryAfter">How long to wait before the next question; null: it does not say.</param>
internal readonly record struct AcmeAnswer<T>(T Content, Uri? Location, TimeSpan? RetryAfter);
