using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Observability;

namespace Darter.Server.Applications;

/// <summary>The paths at which the front says how it is, answered by itself however busy the workers are.</summary>
internal sealed class HealthProbes(HealthConfig config, ServerHealth health)
{
    private static readonly byte[] Live = "{\"status\":\"live\"}\n"u8.ToArray();
    private static readonly byte[] Ready = "{\"status\":\"ready\"}\n"u8.ToArray();

    /// <summary>The answer to a request for one of the paths: whether all is well, and the body.</summary>
    internal bool TryAnswer(string target, out bool isWell, out byte[] body)
    {
        if (Matches(target, config.ReadyPath))
        {
            isWell = health.IsReady;
            body = isWell ? Ready : NotWell("not ready");
            return true;
        }

        if (Matches(target, config.LivePath))
        {
            isWell = health.IsLive;
            body = isWell ? Live : NotWell("not live");
            return true;
        }

        isWell = false;
        body = [];
        return false;
    }

    // Reasons are texts of our own, which need no escaping.
    private byte[] NotWell(string status) => Encoding.ASCII.GetBytes($"{{\"status\":\"{status}\",\"reason\":\"{health.Reason}\"}}\n");

    private static bool Matches(string target, string? path) =>
        path is not null
        && target.StartsWith(path, StringComparison.Ordinal)
        && (target.Length == path.Length || target[path.Length] == '?');
}
