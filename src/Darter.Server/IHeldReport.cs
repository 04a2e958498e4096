using Darter.Server.Observability;

namespace Darter.Server;

/// <summary>What is to be said of a request at its end, when the HTTP server has long forgotten it.</summary>
internal interface IHeldReport
{
    /// <summary>The response is complete, or given up. Once.</summary>
    /// <param name="bytes">Bytes of the body.</param>
    /// <param name="end">How it ended.</param>
    void OnEnded(long bytes, RequestEnd end);
}
