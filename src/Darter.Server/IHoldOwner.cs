using Darter.Server.Observability;

namespace Darter.Server;

/// <summary>The request whose answer was taken over. All on the pool's loop.</summary>
internal interface IHoldOwner
{
    /// <summary>The client's address, as a trusted proxy says it, else that of the connection.</summary>
    string ClientAddress { get; }

    /// <summary>There is room for more of the application's body.</summary>
    void OnHoldProgress();

    /// <summary>
    /// The answer cannot be held: the client gets an error, or a broken connection if the answer is started.
    /// </summary>
    /// <param name="status">The status.</param>
    /// <param name="cause">For the log; null: no line.</param>
    void RefuseHold(int status, string? cause);

    /// <summary>The answer is complete, or given up.</summary>
    /// <param name="bytes">Bytes of the body.</param>
    /// <param name="end">How it ended.</param>
    void OnHoldEnded(long bytes, RequestEnd end);
}
