using System.CommandLine;
using System.Globalization;
using Darter.Cli.Service;
using Darter.Transport;
using Darter.Workers.Service;

namespace Darter.Cli.Options;

/// <summary>What it takes to run as a service, under Gunicorn's names.</summary>
internal sealed class ServiceOptions : IOptionGroup
{
    private const int AllPermissions = 0x1FF;

    internal Option<string?> User { get; } = new("--user", "-u")
    {
        Description = "User, by name or number, that front and workers become once the addresses are open",
        HelpName = "USER",
    };

    internal Option<string?> Group { get; } = new("--group", "-g")
    {
        Description = "Group, by name or number, likewise; default: the user's own",
        HelpName = "GROUP",
    };

    internal Option<bool> InitGroups { get; } = new("--initgroups")
    {
        Description = "With --user: have the user's supplementary groups too; default: none",
    };

    internal Option<string> Umask { get; } = new("--umask", "-m")
    {
        Description = "Permissions that Unix sockets do not have, octal with a leading 0",
        HelpName = "MASK",
        DefaultValueFactory = _ => "0",
    };

    internal Option<bool> ReusePort { get; } = new("--reuse-port")
    {
        Description = "Let other servers listen at the same TCP addresses (SO_REUSEPORT)",
    };

    internal Option<string[]> PythonPath { get; } = new("--pythonpath")
    {
        Description = "Folders where modules are looked for first, separated by commas; relative to the application's folder",
        HelpName = "FOLDERS",
    };

    internal Option<string[]> Env { get; } = new("--env", "-e")
    {
        Description = "Environment variable of the workers; may be repeated",
        HelpName = "NAME=VALUE",
    };

    internal Option<string?> Pid { get; } = new("--pid", "-p")
    {
        Description = "File for the front's process id; it is removed at the end",
        HelpName = "FILE",
    };

    internal Option<bool> Daemon { get; } = new("--daemon", "-D")
    {
        Description = "Run in the background; the command ends when the server is ready",
    };

    internal Option<string?> ProcName { get; } = new("--proc-name", "-n")
    {
        Description = "Name of the processes in ps and top",
        HelpName = "NAME",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [User, Group, InitGroups, Umask, ReusePort, PythonPath, Env, Pid, Daemon, ProcName];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        (Account? user, uint? group) = WhoOf(result, config.Errors);
        config.Service = new ServiceConfig
        {
            User = user,
            Group = group ?? user?.PrimaryGroup,
            InitGroups = result.GetValue(InitGroups),
            PidFile = result.GetValue(Pid) is { Length: > 0 } file ? Path.GetFullPath(file) : null,
            Daemon = result.GetValue(Daemon),
            ProcessName = result.GetValue(ProcName) is { Length: > 0 } name ? name : null,
        };
        config.Server = config.Server with
        {
            ReusePort = result.GetValue(ReusePort),
            UnixSocketAccess = new UnixSocketAccess((UnixFileMode)(AllPermissions & ~UmaskOf(result, config.Errors)), user?.User, config.Service.Group),
        };
        config.Workers = config.Workers with
        {
            PythonPath = [.. (result.GetValue(PythonPath) ?? []).SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
            Environment = EnvironmentOf(result, config.Errors),
            ProcessName = config.Service.ProcessName,
            User = config.Service.WorkersRunAs,
        };
    }

    private (Account? User, uint? Group) WhoOf(ParseResult result, List<string> errors)
    {
        Account? user = null;
        uint? group = null;
        if (result.GetValue(User) is { Length: > 0 } userName && !Account.TryFindUser(userName, out user, out string? error))
        {
            errors.Add($"--user: {error}");
        }

        if (result.GetValue(Group) is { Length: > 0 } groupName)
        {
            if (Account.TryFindGroup(groupName, out uint found, out error))
            {
                group = found;
            }
            else
            {
                errors.Add($"--group: {error}");
            }
        }

        if (user is { PrimaryGroup: null } && group is null)
        {
            errors.Add($"--user: number {user.User} is no user that the system knows, and so has no group: name one with --group");
        }

        return (user, group);
    }

    private int UmaskOf(ParseResult result, List<string> errors)
    {
        // As Gunicorn reads it: a leading zero makes it octal.
        string text = result.GetValue(Umask)!;
        try
        {
            int mask = text.StartsWith("0o", StringComparison.OrdinalIgnoreCase) ? Convert.ToInt32(text[2..], 8)
                : text.Length > 1 && text[0] == '0' ? Convert.ToInt32(text, 8)
                : int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
            if (mask is >= 0 and <= AllPermissions)
            {
                return mask;
            }
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            // Reported below.
        }

        errors.Add($"--umask: '{text}' is no mask of permissions: write it as 007");
        return 0;
    }

    private Dictionary<string, string> EnvironmentOf(ParseResult result, List<string> errors)
    {
        Dictionary<string, string> variables = [];
        foreach (string text in result.GetValue(Env) ?? [])
        {
            int end = text.IndexOf('=', StringComparison.Ordinal);
            if (end <= 0)
            {
                errors.Add($"--env: '{text}' is not NAME=VALUE");
                continue;
            }

            variables[text[..end]] = text[(end + 1)..];
        }

        return variables;
    }
}
