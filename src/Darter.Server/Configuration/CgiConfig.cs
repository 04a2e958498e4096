namespace Darter.Server.Configuration;

/// <summary>Programs that a server of files runs (RFC 3875).</summary>
public sealed record CgiConfig
{
    /// <summary>Folders at the root whose executable files are run. Default as http.server had.</summary>
    public IReadOnlyList<string> Folders { get; init; } = ["cgi-bin", "htbin"];

    /// <summary>How long a program may run; then it is killed (504). Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
