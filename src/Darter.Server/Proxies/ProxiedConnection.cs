namespace Darter.Server.Proxies;

/// <summary>A feature of connections whose addresses are those of a PROXY protocol header.</summary>
internal sealed class ProxiedConnection
{
    internal static readonly ProxiedConnection Instance = new();

    private ProxiedConnection()
    {
    }
}
