using System.Diagnostics.CodeAnalysis;

namespace Darter.Server.Configuration;

/// <summary>Where a Redis server is: <c>redis://[user:password@]host[:port][/db]</c>, <c>rediss://</c> for TLS.</summary>
public sealed record RedisAddress
{
    private const int DefaultPort = 6379;

    /// <summary>The host's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>The port. Default: 6379.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Whether TLS is spoken. Default: false.</summary>
    public bool Tls { get; init; }

    /// <summary>The user of Redis's access control lists. Default: null, the default user.</summary>
    public string? User { get; init; }

    /// <summary>The password. Default: none.</summary>
    public string? Password { get; init; }

    /// <summary>The number of the database. Default: 0.</summary>
    public int Database { get; init; }

    /// <summary>Reads an address. False: it is none, and <paramref name="error"/> says why.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RedisAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        error = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0)
        {
            error = "write redis://[user:password@]host[:port][/db], or rediss:// for TLS";
            return false;
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            error = "nothing may follow the number of the database; write '?' and '#' in a password as %3F and %23";
            return false;
        }

        int database = 0;
        string path = uri.AbsolutePath.Trim('/');
        if (path.Length > 0 && (!int.TryParse(path, out database) || database < 0))
        {
            error = $"'{path}' is not the number of a database";
            return false;
        }

        (string? user, string? password) = Credentials(uri.UserInfo);
        if (user is not null && password is null)
        {
            // Both are meant in the wild. A password must not be taken for a user, which goes into logs.
            error = "what is before '@' has no password; write a password without a user as redis://:password@host";
            return false;
        }

        address = new RedisAddress
        {
            Host = uri.IdnHost.Trim('[', ']'),
            Port = uri.Port > 0 ? uri.Port : DefaultPort,
            Tls = uri.Scheme == "rediss",
            User = user,
            Password = password,
            Database = database,
        };
        return true;
    }

    /// <summary>The address for logs and reports: without the password.</summary>
    public override string ToString()
    {
        string host = Host.Contains(':') ? $"[{Host}]" : Host;
        string user = Password is null ? "" : $"{User}:***@";
        return $"redis{(Tls ? "s" : "")}://{user}{host}:{Port}/{Database}";
    }

    private static (string? User, string? Password) Credentials(string text)
    {
        if (text.Length == 0)
        {
            return (null, null);
        }

        int colon = text.IndexOf(':');
        string user = Uri.UnescapeDataString(colon < 0 ? text : text[..colon]);
        string? password = colon < 0 ? null : Uri.UnescapeDataString(text[(colon + 1)..]);
        return (user.Length == 0 ? null : user, password is "" ? null : password);
    }
}
