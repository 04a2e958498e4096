using Darter.Transport;

namespace Darter.Cli.Service;

/// <summary>Where what survives a restart is kept, unless an option says it.</summary>
internal static class StateFolder
{
    private const string Name = "darter";

    /// <summary>
    /// The folder of this name: in systemd's (<c>StateDirectory=</c>), in <c>$XDG_STATE_HOME/darter</c>, for root in
    /// <c>/var/lib/darter</c>, else in <c>~/.local/state/darter</c>.
    /// </summary>
    internal static string Find(string name) => Find(name, Environment.GetEnvironmentVariable, UserFolder.UserId == 0);

    /// <summary>The same, in an environment.</summary>
    internal static string Find(string name, Func<string, string?> environment, bool isRoot)
    {
        // systemd.exec(5): several are separated by colons.
        if (environment("STATE_DIRECTORY")?.Split(':')[0] is { Length: > 0 } service && Path.IsPathFullyQualified(service))
        {
            return Path.Combine(service, name);
        }

        if (environment("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathFullyQualified(state))
        {
            return Path.Combine(state, Name, name);
        }

        return isRoot || environment("HOME") is not { Length: > 0 } home || !Path.IsPathFullyQualified(home)
            ? Path.Combine("/var/lib", Name, name)
            : Path.Combine(home, ".local/state", Name, name);
    }
}
