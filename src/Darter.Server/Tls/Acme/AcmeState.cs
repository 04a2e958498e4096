using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Darter.Server.Configuration;
using Darter.Transport;

namespace Darter.Server.Tls.Acme;

/// <summary>
/// The folder that keeps account and certificates, one for each authority, so that those of a test never meet those of
/// production. Several servers may share it: files appear whole, and a lock says who orders.
/// </summary>
internal sealed class AcmeState
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int LongestToken = 192;

    private readonly string _folder;

    internal AcmeState(AcmeConfig config)
    {
        string name = $"{config.Directory.Authority}{config.Directory.AbsolutePath}";
        _folder = Path.Combine(config.StateFolder, string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' ? character : '_')));
    }

    private string AccountFile => Path.Combine(_folder, "account.pem");

    /// <summary>Creates the folder.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    internal void Prepare()
    {
        // Above it others may be: systemd's folder for a service, or a volume.
        UserFolder.Ensure(_folder);
    }

    /// <summary>Becomes the one that orders; null: another server is.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    internal IDisposable? TryLock()
    {
        string path = Path.Combine(_folder, "lock");
        try
        {
            // flock(2), which ends with the process, however that ends.
            FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly };
            return new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>Removes what servers that were killed have left behind. For the holder of the lock: nobody else writes.</summary>
    internal void RemoveLeftovers()
    {
        foreach (string path in (IEnumerable<string>)[.. Directory.EnumerateFiles(_folder, "http-*"), .. Directory.EnumerateFiles(_folder, "tls-*"), .. Directory.EnumerateFiles(_folder, "*.new-*")])
        {
            File.Delete(path);
        }
    }

    /// <summary>The account's key, which is made if there is none.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read or written.</exception>
    internal AccountKey OpenAccount()
    {
        if (!File.Exists(AccountFile))
        {
            AccountKey made = AccountKey.Create();
            Write(Path.GetFileName(AccountFile), made.ExportPem());
            return made;
        }

        try
        {
            return AccountKey.FromPem(File.ReadAllText(AccountFile));
        }
        catch (CryptographicException exception)
        {
            throw new IOException($"the account's key in '{AccountFile}' cannot be used: {exception.Message} Without the file another account is made", exception);
        }
    }

    /// <summary>Something that changes when the certificate of a name does; null: there is none.</summary>
    internal string? StampOf(string domain)
    {
        FileInfo file = new(CertificateFile(domain));
        return file.Exists ? $"{file.LastWriteTimeUtc.Ticks} {file.Length}" : null;
    }

    /// <summary>The certificate of a name.</summary>
    /// <exception cref="IOException">It cannot be read, or is none; the message names the file.</exception>
    internal LoadedCertificate Read(string domain)
    {
        string path = CertificateFile(domain);
        try
        {
            return LoadedCertificate.FromPem(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is CryptographicException or UnauthorizedAccessException)
        {
            throw new IOException($"the certificate in '{path}' cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Keeps the certificate of a name, with its key.</summary>
    internal void Keep(string domain, string pem) => Write(Path.GetFileName(CertificateFile(domain)), pem);

    /// <summary>Why the name has no certificate yet; null: nothing has failed.</summary>
    internal AcmeFailure? FailureOf(string domain)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FailureFile(domain)), AcmeJson.Default.AcmeFailure);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Remembers that an attempt has failed; null: that none has.</summary>
    internal void KeepFailure(string domain, AcmeFailure? failure)
    {
        if (failure is null)
        {
            File.Delete(FailureFile(domain));
        }
        else
        {
            Write(Path.GetFileName(FailureFile(domain)), JsonSerializer.Serialize(failure, AcmeJson.Default.AcmeFailure));
        }
    }

    /// <summary>Has all servers that share the folder answer a challenge over http. Disposing ends that.</summary>
    internal IDisposable AnswerHttp(string token, string authorization) => new Answer(this, $"http-{token}", authorization);

    /// <summary>Has all servers that share the folder answer a challenge in the handshake. Disposing ends that.</summary>
    internal IDisposable AnswerTls(string domain, string authorization) => new Answer(this, $"tls-{domain}", authorization);

    /// <summary>What to answer to a challenge over http; null: there is none of this token.</summary>
    internal string? FindHttp(string token) => IsToken(token) ? Find($"http-{token}") : null;

    /// <summary>What to answer to a challenge in the handshake; null: there is none for this name.</summary>
    internal string? FindTls(string domain) => AcmeDomain.TryParse(domain, out string? name, out _) ? Find($"tls-{name}") : null;

    /// <summary>Whether a text can be a token (RFC 8555, section 8.3: base64url), and so a part of a file's name.</summary>
    internal static bool IsToken(string text) =>
        text.Length is > 0 and <= LongestToken && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    private string CertificateFile(string domain) => Path.Combine(_folder, $"{domain}.pem");

    private string FailureFile(string domain) => Path.Combine(_folder, $"{domain}.failed.json");

    private string? Find(string name)
    {
        string path = Path.Combine(_folder, name);
        try
        {
            // Mostly there is none, which takes no exception to say.
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        string temporary = $"{path}.new-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        try
        {
            using (FileStream file = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                file.Write(Encoding.UTF8.GetBytes(content));

                // A key that a power cut takes away is one whose certificate is of no use.
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private sealed class Answer : IDisposable
    {
        private readonly string _path;

        internal Answer(AcmeState state, string name, string content)
        {
            _path = Path.Combine(state._folder, name);
            state.Write(name, content);
        }

        public void Dispose() => File.Delete(_path);
    }
}
