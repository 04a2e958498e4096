using Darter.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Darter.Server;

/// <summary>
/// Lets workers of other users than the front's at a socket, and nobody else: anybody may open its file, and the kernel tells who it was
/// (SO_PEERCRED).
/// </summary>
/// <param name="users">Their numbers.</param>
/// <param name="logger">The operator's log.</param>
internal sealed partial class WorkerGate(IReadOnlySet<uint> users, ILogger logger)
{
    private volatile IReadOnlySet<uint> _users = users;

    /// <summary>Who is let in beside root and the front's user.</summary>
    internal IReadOnlySet<uint> Users
    {
        set => _users = value;
    }

    /// <summary>Has a listener ask.</summary>
    internal void Guard(ListenOptions listener) => listener.Use(next => connection => MayConnect(connection) ? next(connection) : Task.CompletedTask);

    private bool MayConnect(ConnectionContext connection)
    {
        if (connection.Features.Get<IPeerCredentialsFeature>()?.Peer is { } peer)
        {
            if (peer.UserId == 0 || peer.UserId == UserFolder.UserId || _users.Contains(peer.UserId))
            {
                return true;
            }

            LogRefused(logger, peer.ProcessId, peer.UserId);
        }

        return false;
    }

    [LoggerMessage(13, LogLevel.Warning, "Process {ProcessId} of user {User} is not let at the workers' sockets: no application runs as this user")]
    private static partial void LogRefused(ILogger logger, int processId, uint user);
}
