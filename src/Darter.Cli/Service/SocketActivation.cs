using System.Globalization;
using Darter.Server.Configuration;

namespace Darter.Cli.Service;

/// <summary>
/// Sockets that a service manager opened (sd_listen_fds(3)): if there are any they are the addresses, as in Gunicorn.
/// </summary>
internal static class SocketActivation
{
    private const int First = 3;

    private static readonly string[] s_variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"];

    /// <summary>The descriptors that were passed to this process, with their names, and none a second time: the variables
    /// are removed, so that no child takes them for its own.</summary>
    internal static IReadOnlyList<(int Descriptor, string Name)> Take()
    {
        string?[] values = [.. s_variables.Select(Environment.GetEnvironmentVariable)];
        if (values[0] != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
        {
            return [];
        }

        foreach (string variable in s_variables)
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        if (!int.TryParse(values[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            return [];
        }

        string[] names = (values[2] ?? "").Split(':');
        return [.. Enumerable.Range(First, count).Select((descriptor, i) => (descriptor, i < names.Length && names[i].Length > 0 ? names[i] : "unknown"))];
    }

    /// <summary>Whether there are sockets for this process.</summary>
    internal static bool IsUsed => Environment.GetEnvironmentVariable(s_variables[0]) == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The configuration with these sockets as its addresses.</summary>
    internal static ServerConfig Apply(ServerConfig config, IReadOnlyList<int> descriptors) =>
        descriptors.Count == 0 ? config : config with { Binds = [.. descriptors.Select(BindAddress.Inherited)] };
}
