namespace Darter.Server.Configuration;

/// <summary>Who may use a server of files.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Password">The password's hash.</param>
public sealed record AuthConfig(string User, PasswordHash Password);
