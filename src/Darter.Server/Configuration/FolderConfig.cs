namespace Darter.Server.Configuration;

/// <summary>A folder that is served under a path of the URL.</summary>
public sealed record FolderConfig
{
    /// <summary>The folder's path.</summary>
    public required string Folder { get; init; }

    /// <summary>The path of the URL it is served under, <c>/static</c> for example; empty: everything.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Files that are served for a folder itself, the first that exists. Default as http.server's.</summary>
    public IReadOnlyList<string> IndexNames { get; init; } = ["index.html", "index.htm"];

    /// <summary>Whether a folder without such a file is listed. Default no: 404.</summary>
    public bool Listing { get; init; }

    /// <summary>Whether the index file answers paths that lead nowhere and have no extension, for an application in the browser. Default no.</summary>
    public bool SinglePage { get; init; }

    /// <summary>Whether files and folders that begin with a dot are served. Default no, but for <c>/.well-known/</c> (RFC 8615).</summary>
    public bool Dotfiles { get; init; }

    /// <summary>Whether links may lead out of the folder. Default no.</summary>
    public bool FollowLinks { get; init; }

    /// <summary>
    /// Whether files with a hash in their name may be kept by caches for a year without asking (RFC 8246). Default no: caches
    /// ask each time, and are told in 304 that nothing has changed.
    /// </summary>
    public bool ImmutableNames { get; init; }

    /// <summary>Whether texts are compressed while they are sent, where there is no compressed file beside them. Default yes.</summary>
    public bool Compression { get; init; } = true;

    /// <summary>Which files these are, and the codings. Default as of an application's answers.</summary>
    public CompressionConfig CompressionRules { get; init; } = new();

    /// <summary>What clients may put into the folder; null: nothing.</summary>
    public UploadConfig? Upload { get; init; }
}
