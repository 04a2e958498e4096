using Darter.Server.Hub.Redis;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>Connects to a <see cref="StreamServer"/>.</summary>
internal sealed class StreamServerConnector(StreamServer server) : IStreamConnector
{
    /// <inheritdoc/>
    public string Name => "redis://fake";

    /// <inheritdoc/>
    public Task<IStreamSession> ConnectAsync(Action<IStreamSession, StreamPush> pushed, CancellationToken cancellation)
    {
        StreamServerSession session = new(server, pushed);
        server.Add(session);
        return Task.FromResult<IStreamSession>(session);
    }
}
