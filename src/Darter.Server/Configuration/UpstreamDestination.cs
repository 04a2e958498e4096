using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Darter.Server.Configuration;

/// <summary>A server that requests are given to.</summary>
public sealed record UpstreamDestination
{
    /// <summary>How an address of a Unix socket begins.</summary>
    internal const string UnixPrefix = "unix:";

    private const int LongestUnixPath = 107;

    /// <summary>
    /// <c>http://HOST[:PORT]</c>, <c>https://HOST[:PORT]</c> or <c>unix:PATH</c>, as <see cref="TryParse"/> makes it: in lower
    /// case and without a slash at its end.
    /// </summary>
    public required string Address { get; init; }

    /// <summary>How many requests it gets in proportion to the others. Default 1, as nginx.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Whether TLS is spoken.</summary>
    internal bool IsHttps => Address.StartsWith("https:", StringComparison.Ordinal);

    /// <summary>The path of its Unix socket, or null.</summary>
    internal string? UnixPath => Address.StartsWith(UnixPrefix, StringComparison.Ordinal) ? Address[UnixPrefix.Length..] : null;

    /// <summary>Reads an address. When false, <paramref name="error"/> tells the user what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out UpstreamDestination? destination, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        destination = null;
        error = null;
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            string path = text[UnixPrefix.Length..];
            if (!path.StartsWith('/') || path.Length > LongestUnixPath)
            {
                error = $"'{text}': the path of a Unix socket must begin with a slash and have at most {LongestUnixPath} characters";
                return false;
            }

            destination = new UpstreamDestination { Address = text };
            return true;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || uri.Port == 0)
        {
            error = $"'{text}' is not a destination: write http://HOST:PORT, https://HOST:PORT or unix:/PATH";
            return false;
        }

        if (uri.UserInfo.Length > 0 || uri.PathAndQuery != "/" || uri.Fragment.Length > 0)
        {
            error = $"'{text}': a destination is a host and a port only; the path of the request is kept";
            return false;
        }

        string host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        destination = new UpstreamDestination { Address = string.Create(CultureInfo.InvariantCulture, $"{uri.Scheme}://{host}:{uri.Port}") };
        return true;
    }
}
