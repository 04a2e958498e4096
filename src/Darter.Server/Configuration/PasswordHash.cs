using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Darter.Server.Configuration;

/// <summary>
/// A password's hash in Werkzeug's form, <c>pbkdf2:sha256:600000$SALT$HEX</c>, which
/// <c>werkzeug.security.generate_password_hash(password, "pbkdf2:sha256")</c> makes too.
/// </summary>
public sealed class PasswordHash
{
    // OWASP's recommendation for PBKDF2 with HMAC-SHA256.
    private const int DefaultIterations = 600_000;
    private const int LeastIterations = 1_000;
    private const int MostIterations = 10_000_000;
    private const string SaltCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly int _iterations;
    private readonly string _salt;
    private readonly byte[] _hash;

    private PasswordHash(int iterations, string salt, byte[] hash)
    {
        _iterations = iterations;
        _salt = salt;
        _hash = hash;
    }

    /// <summary>Hashes a password, with a salt of its own.</summary>
    public static PasswordHash Create(string password)
    {
        string salt = RandomNumberGenerator.GetString(SaltCharacters, 16);
        return new PasswordHash(DefaultIterations, salt, Derive(password, salt, DefaultIterations));
    }

    /// <summary>Reads a hash.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PasswordHash? hash)
    {
        hash = null;
        if (text.Split('$') is not [var method, { Length: > 0 } salt, { Length: 64 } hex]
            || !method.StartsWith("pbkdf2:sha256:", StringComparison.Ordinal)
            || !int.TryParse(method["pbkdf2:sha256:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            || iterations is < LeastIterations or > MostIterations
            || !hex.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        hash = new PasswordHash(iterations, salt, Convert.FromHexString(hex));
        return true;
    }

    /// <summary>Whether it is that of this password. Takes some tenths of a second of a processor.</summary>
    public bool Matches(string password) => CryptographicOperations.FixedTimeEquals(Derive(password, _salt, _iterations), _hash);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"pbkdf2:sha256:{_iterations}${_salt}${Convert.ToHexStringLower(_hash)}");

    private static byte[] Derive(string password, string salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), iterations, HashAlgorithmName.SHA256, 32);
}
