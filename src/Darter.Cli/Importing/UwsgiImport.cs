using System.Globalization;

namespace Darter.Cli.Importing;

/// <summary>A uwsgi.ini.</summary>
internal sealed partial class UwsgiImport
{
    private readonly ImportResult _result;
    private readonly List<string> _binds = [];
    private readonly List<string> _static = [];
    private readonly List<string> _pythonPath = [];
    private readonly List<KeyValuePair<string, string>> _environment = [];
    private readonly List<UwsgiLine> _mounts = [];
    private (string Key, string Value, int Line)? _module;
    private string? _callable;
    private string? _mode;
    private string? _user;
    private string? _group;
    private string? _chdir;

    private UwsgiImport(ImportResult result) => _result = result;

    /// <summary>Takes what the file sets.</summary>
    /// <param name="text">The file.</param>
    /// <param name="path">Its absolute path.</param>
    /// <param name="display">How the operator knows it.</param>
    internal static ImportResult Import(string text, string path, string display)
    {
        ImportResult result = new(display);
        UwsgiImport import = new(result);
        foreach (UwsgiLine line in UwsgiFile.Read(text, path))
        {
            import.Take(line);
        }

        import.Finish();
        return result;
    }

    private void Take(UwsgiLine line)
    {
        // uWSGI takes hyphens and underscores for the same.
        string key = line.Key.Replace('_', '-').ToLowerInvariant();
        if (line.Value.Contains("$(", StringComparison.Ordinal) || line.Value.Contains("@(", StringComparison.Ordinal) || line.Value.Contains("%(", StringComparison.Ordinal))
        {
            Note(line, "what is filled in when uWSGI starts is not known here: write the value");
        }
        else if (!TakeAddress(key, line) && !TakeApplication(key, line) && !TakeNumber(key, line) && !TakeOther(key, line))
        {
            Note(line, UwsgiNotes.Find(key) ?? "has no equivalent");
        }
    }

    private bool TakeAddress(string key, UwsgiLine line)
    {
        string? scheme = key switch
        {
            "http" or "http-socket" or "https" or "https-socket" => "",
            "socket" or "uwsgi-socket" or "s" => "uwsgi",
            "fastcgi-socket" => "fastcgi",
            "scgi-socket" => "scgi",
            _ => null,
        };
        if (scheme is null)
        {
            return false;
        }

        // https takes ADDRESS,CERTIFICATE,KEY[,CIPHERS].
        string[] parts = line.Value.Split(',', StringSplitOptions.TrimEntries);
        string address = parts[0];
        bool isPath = address.Contains('/');
        if (address.Length == 0 || address[0] == '@' || address.Any(char.IsWhiteSpace) || (!isPath && !IsAddress(address)))
        {
            Note(line, "is no address that Darter listens at");
            return true;
        }

        if (!isPath && address[0] == ':')
        {
            address = $"0.0.0.0{address}";
        }

        _binds.Add(isPath ? scheme.Length == 0 ? $"unix:{address}" : $"{scheme}:unix:{address}" : scheme.Length == 0 ? address : $"{scheme}://{address}");
        if (key.StartsWith("https", StringComparison.Ordinal) && parts.Length >= 3 && parts[1].Length > 0 && parts[2].Length > 0)
        {
            _result.Tls.Set("certificates", $"[{Toml.Table([new("cert", Toml.Text(parts[1])), new("key", Toml.Text(parts[2]))])}]");
            if (parts.Length > 3)
            {
                Note(line, "ciphers are named one by one in tls.ciphers");
            }
        }

        return true;
    }

    private static bool IsAddress(string text) =>
        text.LastIndexOf(':') is >= 0 and var colon && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
        && text[..colon].All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '[' or ']' or ':')
        && (!text[..colon].Contains(':') || text[0] == '[');

    private bool TakeApplication(string key, UwsgiLine line)
    {
        switch (key)
        {
            case "module" or "wsgi" or "w" or "wsgi-file" or "file" or "pyrun":
                _module = (key, line.Value, line.Number);
                return true;
            case "callable":
                _callable = line.Value;
                return true;
            case "mount":
                _mounts.Add(line);
                return true;
            case "virtualenv" or "home" or "venv" or "h" or "pyhome":
                SetText("python", $"{line.Value.TrimEnd('/')}/bin/python");
                return true;
            case "chdir" or "chdir2":
                _chdir = line.Value;
                SetText("chdir", line.Value);
                return true;
            case "pythonpath" or "python-path" or "pp":
                _pythonPath.Add(line.Value);
                return true;
            case "env":
                int sign = line.Value.IndexOf('=', StringComparison.Ordinal);
                if (sign <= 0)
                {
                    Note(line, "is not NAME=VALUE");
                    return true;
                }

                _environment.RemoveAll(pair => pair.Key == line.Value[..sign].Trim());
                _environment.Add(new(line.Value[..sign].Trim(), line.Value[(sign + 1)..].Trim()));
                return true;
            default:
                return false;
        }
    }

    private bool TakeNumber(string key, UwsgiLine line)
    {
        (string Setting, string Unit, long Least)? known = key switch
        {
            "processes" or "workers" or "p" => ("workers", "", 1),
            "threads" => ("threads", "", 1),
            "harakiri" => ("request_timeout", "s", 1),
            "max-requests" => ("max_requests", "", 0),
            "max-requests-delta" => ("max_requests_jitter", "", 0),
            "reload-on-rss" => ("max_memory", "MiB", 1),
            "listen" or "l" => ("backlog", "", 1),
            "limit-post" => ("limit_request_body", "", 1),
            "worker-reload-mercy" or "reload-mercy" => ("graceful_timeout", "s", 1),
            "http-keepalive" => ("keep_alive", "s", 1),
            _ => null,
        };
        if (known is not { } setting)
        {
            return false;
        }

        if (!int.TryParse(line.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < setting.Least)
        {
            Note(line, line.Value == "true" ? "has its default in Darter" : "is not the number that Darter takes there");
            return true;
        }

        _result.Settings.Set(setting.Setting, setting.Unit.Length == 0 ? Toml.Number(number) : Toml.Text($"{number}{setting.Unit}"));
        return true;
    }

    private bool TakeOther(string key, UwsgiLine line)
    {
        switch (key)
        {
            case "static-map":
                int sign = line.Value.IndexOf('=', StringComparison.Ordinal);
                if (sign <= 1 || !IsPlainPath(line.Value[..sign].TrimEnd('/')))
                {
                    Note(line, "write static = [\"/URL=DIR\"]");
                }
                else
                {
                    _static.Add($"{line.Value[..sign].TrimEnd('/')}={line.Value[(sign + 1)..]}");
                }

                return true;
            case "uid":
                _user = line.Value;
                return true;
            case "gid":
                _group = line.Value;
                return true;
            case "chmod-socket":
                _mode = line.Value == "true" ? "666" : line.Value;
                if (_mode.Length is < 3 or > 4 || _mode.Any(digit => digit is < '0' or > '7'))
                {
                    Note(line, "is no mode in octal");
                    _mode = null;
                }

                return true;
            case "pidfile" or "pidfile2":
                SetText("pid", line.Value);
                return true;
            case "daemonize" or "daemonize2":
                _result.Settings.Set("daemon", "true");
                SetText("error_logfile", line.Value);
                return true;
            case "logto" or "logto2":
                SetText("error_logfile", line.Value);
                return true;
            case "procname" or "procname-prefix" or "procname-prefix-spaced" or "auto-procname":
                if (line.Value == "true")
                {
                    Note(line, "Darter's processes say themselves what they are");
                }
                else
                {
                    SetText("proc_name", line.Value.Trim());
                }

                return true;
            case "so-reuseport" or "reuse-port":
                _result.Settings.Set("reuse_port", "true");
                return true;
            default:
                return false;
        }
    }

    private void SetText(string key, string value)
    {
        if (value.Length > 0)
        {
            _result.Settings.Set(key, Toml.Text(value));
        }
    }

    private void Note(UwsgiLine line, string why) => _result.Note(line.Number, $"{line.Key} = {line.Value}", why);

    private static bool IsPlainPath(string path) => path.StartsWith('/') && path.All(character => char.IsAsciiLetterOrDigit(character) || "/-._~".Contains(character, StringComparison.Ordinal))
        && !path.Split('/').Skip(1).Any(part => part is "" or "." or "..");
}
