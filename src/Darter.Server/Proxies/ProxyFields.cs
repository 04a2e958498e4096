using Darter.Server.Configuration;

namespace Darter.Server.Proxies;

/// <summary>The names of the header fields that a trusted proxy may send. Most requests have none, which is found out at next to no cost.</summary>
internal sealed class ProxyFields
{
    /// <summary>The field that says where an application is mounted, as Gunicorn has it.</summary>
    internal const string ScriptName = "SCRIPT_NAME";

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "X-Forwarded-For", "X-Forwarded-Proto" };
    private readonly HashSet<string> _forwarders;
    private readonly ulong _lengths;
    private readonly uint _initials;

    internal ProxyFields(ProxyConfig config, string? requestId)
    {
        _forwarders = new HashSet<string>(config.ForwarderHeaders, StringComparer.OrdinalIgnoreCase);
        AllowsAllForwarders = _forwarders.Contains("*");
        _names.UnionWith(config.SecureSchemeHeaders.Select(field => field.Key));
        _names.UnionWith(_forwarders);
        if (requestId is not null)
        {
            _names.Add(requestId);
        }

        foreach (string name in _names)
        {
            _lengths |= 1UL << Math.Min(name.Length, 63);
            _initials |= 1U << (name[0] & 31);
        }
    }

    /// <summary>Whether any field with an underscore may come from a trusted proxy.</summary>
    internal bool AllowsAllForwarders { get; }

    /// <summary>Whether a field is one of these.</summary>
    internal bool Contains(string name) =>
        ((_lengths >> Math.Min(name.Length, 63)) & 1) != 0
        && ((_initials >> (name[0] & 31)) & 1) != 0
        && _names.Contains(name);

    /// <summary>Whether a field may come although there is an underscore in its name.</summary>
    internal bool AllowsUnderscore(string name) => AllowsAllForwarders || _forwarders.Contains(name);
}
