using Darter.Transport.Files;

namespace Darter.Server.Files;

/// <summary>A path of the URL that only the application can name, and its folder.</summary>
/// <param name="Prefix">The path, without a slash at its end.</param>
/// <param name="Folder">The folder.</param>
internal sealed record AccelFolder(string Prefix, ServedFolder Folder);
