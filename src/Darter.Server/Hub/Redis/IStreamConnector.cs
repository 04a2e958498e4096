namespace Darter.Server.Hub.Redis;

/// <summary>Makes connections to the server that keeps the streams.</summary>
internal interface IStreamConnector
{
    /// <summary>The server, for the log; without a password.</summary>
    string Name { get; }

    /// <summary>
    /// Connects. When it returns, the server is known to take writes, and each item appended from then on is pushed.
    /// </summary>
    /// <param name="pushed">Called with each item, in the order of the streams, one at a time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">It cannot be reached, or does not let us work; the message says why.</exception>
    Task<IStreamSession> ConnectAsync(Action<IStreamSession, StreamPush> pushed, CancellationToken cancellation);
}
