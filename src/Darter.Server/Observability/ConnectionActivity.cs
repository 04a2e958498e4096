namespace Darter.Server.Observability;

/// <summary>A feature of connections of HTTP/1: whether a request is under way, of which something is known and will be logged.</summary>
internal sealed class ConnectionActivity
{
    internal bool IsBusy { get; set; }
}
