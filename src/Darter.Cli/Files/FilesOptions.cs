using System.CommandLine;
using Darter.Cli.Options;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Files;

/// <summary>The options of <c>darter files</c>, by http.server's names where it has them.</summary>
internal sealed class FilesOptions
{
    private const string DefaultLine = """%(h)s - %(u)s %(t)s "%(r)s" %(s)s %(b)s""";

    internal Argument<string[]> Place { get; } = new("[DIR] [PORT]")
    {
        Description = "The folder, default the current one, and the port, default 8000; digits alone are the port",
        Arity = new ArgumentArity(0, 2),
    };

    internal Option<string> Bind { get; } = new("--bind", "-b")
    {
        Description = "Where to listen: HOST, HOST:PORT, [IPV6]:PORT, :PORT (all interfaces) or unix:PATH",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    internal Option<string?> Directory { get; } = new("--directory", "-d") { Description = "The folder, as http.server has it", HelpName = "DIR" };

    internal Option<string> Protocol { get; } = OneOf(["HTTP/1.0", "HTTP/1.1"], new("--protocol", "-p")
    {
        Description = "HTTP/1.1, with HTTP/2 for clients that speak it, or HTTP/1.0: each connection ends after its response",
        HelpName = "VERSION",
        DefaultValueFactory = _ => "HTTP/1.1",
    });

    internal Option<string?> TlsCertificate { get; } = new("--tls-cert") { Description = "Speak https, with the certificate in this PEM file", HelpName = "FILE" };

    internal Option<string?> TlsKey { get; } = new("--tls-key") { Description = "PEM file of its private key; default: the certificate's file", HelpName = "FILE" };

    internal Option<string?> TlsPasswordFile { get; } = new("--tls-password-file") { Description = "File with the private key's password", HelpName = "FILE" };

    internal Option<bool> SinglePage { get; } = new("--spa") { Description = "Answer unknown paths without an extension with the root's index.html" };

    internal Option<string?> Cors { get; } = new("--cors")
    {
        Description = "Let pages of other origins read the files: of this one (https://example.org), or without a value of all",
        HelpName = "ORIGIN",
        Arity = ArgumentArity.ZeroOrOne,
    };

    internal Option<string?> Auth { get; } = new("--auth")
    {
        Description = "Ask for this user and the password of this hash, which --hash-password prints",
        HelpName = "USER:HASH",
    };

    internal Option<bool> HashPassword { get; } = new("--hash-password") { Description = "Read a password, print its hash for --auth and end" };

    internal Option<bool> Upload { get; } = new("--upload") { Description = "Take files: PUT, and a form in the listing; no file is ever replaced" };

    internal Option<string> UploadLimit { get; } = new("--upload-limit")
    {
        Description = "Largest upload: bytes, or with a unit (10MiB, 2GB)",
        HelpName = "SIZE",
        DefaultValueFactory = _ => "1GiB",
    };

    internal Option<bool> Cgi { get; } = new("--cgi") { Description = "Run the executable files in /cgi-bin and /htbin (CGI)" };

    internal Option<double> CgiTimeout { get; } = Positive(new("--cgi-timeout")
    {
        Description = "Seconds such a program may run",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 60,
    });

    internal Option<bool> Dotfiles { get; } = new("--dotfiles") { Description = "Serve and list names that begin with a dot; default: only /.well-known/" };

    internal Option<bool> FollowLinks { get; } = new("--follow-symlinks") { Description = "Follow symbolic links that lead out of the folder; default: 404" };

    internal Option<bool> NoListing { get; } = new("--no-listing") { Description = "Answer 404 for folders without an index file; default: list them" };

    internal Option<bool> NoCompression { get; } = new("--no-compression") { Description = "Compress nothing on the way; compressed files beside the others are served still" };

    internal Option<string> AccessLogFile { get; } = new("--access-logfile")
    {
        Description = "File of the access log; - is standard output",
        HelpName = "FILE",
        DefaultValueFactory = _ => "-",
    };

    internal Option<string> AccessLogFormat { get; } = new("--access-logformat")
    {
        Description = "Format of its lines, with Gunicorn's atoms",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => DefaultLine,
    };

    internal Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No access log" };

    /// <summary>Gives the command its options.</summary>
    internal void Describe(Command command)
    {
        command.Arguments.Add(Place);
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }
    }

    private IEnumerable<Option> All =>
    [
        Bind, Directory, Protocol, TlsCertificate, TlsKey, TlsPasswordFile, SinglePage, Cors, Auth, HashPassword, Upload, UploadLimit, Cgi, CgiTimeout,
        Dotfiles, FollowLinks, NoListing, NoCompression, AccessLogFile, AccessLogFormat, Quiet,
    ];

    /// <summary>Makes the configuration; what is wrong is in <paramref name="errors"/>, and it is meaningless then.</summary>
    internal FilesConfig Read(ParseResult result, List<string> errors)
    {
        (string folder, string? port) = PlaceOf(result, errors);
        string format = result.GetValue(AccessLogFormat)!;
        if (!Server.Observability.AccessLogFormat.TryParse(format, out _, out string? wrong))
        {
            errors.Add($"--access-logformat: {wrong}");
        }

        string? cors = CorsOf(result, errors);
        return new FilesConfig
        {
            Server = new ServerConfig
            {
                Binds = FilesAddress.TryParse(result.GetValue(Bind)!, port, out BindAddress? bind, out string? error) ? [bind] : Report<BindAddress>(errors, error),
                Logging = new LoggingConfig { AccessFile = result.GetValue(Quiet) ? null : result.GetValue(AccessLogFile), AccessFormat = format },
            },
            Folder = new FolderConfig
            {
                Folder = folder,
                Listing = !result.GetValue(NoListing),
                SinglePage = result.GetValue(SinglePage),
                Dotfiles = result.GetValue(Dotfiles),
                FollowLinks = result.GetValue(FollowLinks),
                Upload = UploadOf(result, cors, errors),
                Compression = !result.GetValue(NoCompression),
            },
            Tls = TlsOf(result, errors),
            Auth = AuthOf(result, errors),
            CorsOrigin = cors,
            Cgi = CgiOf(result, errors),
            ClosesConnections = result.GetValue(Protocol) == "HTTP/1.0",
        };
    }

    private (string Folder, string? Port) PlaceOf(ParseResult result, List<string> errors)
    {
        string[] words = result.GetValue(Place) ?? [];
        string? port = words.LastOrDefault(word => word.All(char.IsAsciiDigit));
        string[] folders = [.. words.Where(word => !word.All(char.IsAsciiDigit))];
        if (folders.Length > 1 || words.Length - folders.Length > 1)
        {
            errors.Add($"'{words[0]} {words[1]}': write a folder and a port");
        }

        string? directory = result.GetValue(Directory);
        if (directory is not null && folders.Length > 0)
        {
            errors.Add("the folder is named twice, as an argument and with --directory");
        }

        return (Path.GetFullPath(directory ?? folders.FirstOrDefault() ?? "."), port);
    }

    private string? CorsOf(ParseResult result, List<string> errors)
    {
        if (result.GetResult(Cors) is null)
        {
            return null;
        }

        string origin = result.GetValue(Cors) ?? "*";
        bool isOrigin = origin == "*"
            || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && origin == uri.GetLeftPart(UriPartial.Authority));
        if (!isOrigin)
        {
            errors.Add($"--cors: '{origin}' is not an origin: write https://example.org, without a path");
        }

        return origin;
    }

    private AuthConfig? AuthOf(ParseResult result, List<string> errors)
    {
        if (result.GetValue(Auth) is not { } text)
        {
            return null;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && PasswordHash.TryParse(text[(colon + 1)..], out PasswordHash? hash))
        {
            return new AuthConfig(text[..colon], hash);
        }

        // The value is not repeated: it may be a password.
        errors.Add("--auth: write USER:HASH, with a hash that 'darter files --hash-password' prints, such as pbkdf2:sha256:600000$SALT$HEX");
        return null;
    }

    private UploadConfig? UploadOf(ParseResult result, string? cors, List<string> errors)
    {
        if (!SizeText.TryParse(result.GetValue(UploadLimit)!, out long limit))
        {
            errors.Add($"--upload-limit: '{result.GetValue(UploadLimit)}' is not a size: write bytes, or a number with a unit such as 10MiB");
        }

        if (result.GetValue(Upload))
        {
            return new UploadConfig { Limit = limit, TrustedOrigin = cors };
        }

        if (result.GetResult(UploadLimit) is { Implicit: false })
        {
            errors.Add("--upload-limit needs --upload");
        }

        return null;
    }

    private CgiConfig? CgiOf(ParseResult result, List<string> errors)
    {
        if (result.GetValue(Cgi))
        {
            return new CgiConfig { Timeout = TimeSpan.FromSeconds(result.GetValue(CgiTimeout)) };
        }

        if (result.GetResult(CgiTimeout) is { Implicit: false })
        {
            errors.Add("--cgi-timeout needs --cgi");
        }

        return null;
    }

    private TlsConfig? TlsOf(ParseResult result, List<string> errors)
    {
        string? key = result.GetValue(TlsKey);
        string? passwordFile = result.GetValue(TlsPasswordFile);
        if (result.GetValue(TlsCertificate) is not { } certificate)
        {
            if (key is not null || passwordFile is not null)
            {
                errors.Add("--tls-key and --tls-password-file need --tls-cert");
            }

            return null;
        }

        string? password = PasswordFile.Read(passwordFile, TlsPasswordFile.Name, errors);
        return new TlsConfig { Certificates = [new CertificateConfig { CertificateFile = certificate, KeyFile = key, Password = password }] };
    }

    private static List<T> Report<T>(List<string> errors, string error)
    {
        errors.Add(error);
        return [];
    }
}
