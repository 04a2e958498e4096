using Darter.Server.Control;
using Microsoft.Extensions.Logging;

namespace Darter.Server;

/// <summary>Applications that run as other users than the front, which must reach what workers share.</summary>
public sealed partial class FrontServer
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly List<string> _sharedSockets = [];
    private WorkerGate? _gate;
    private bool _hasLocalSockets;

    /// <summary>Who must be able to open the workers' sockets beside the front's own user.</summary>
    private static HashSet<uint> UsersOf(IEnumerable<HostedApplication> apps) =>
        [.. apps.Select(app => app.Config.Workers.User).Where(user => user is { IsCurrent: false }).Select(user => user!.User)];

    /// <summary>Where a socket for the workers is to be: in the folder of the front's user, or where others reach it, too.</summary>
    /// <param name="own">Prepares the folder of the front's user and says the socket's path there.</param>
    /// <param name="gate">Who is let in, if others can reach it.</param>
    /// <param name="mode">The permissions of the file.</param>
    /// <exception cref="IOException">No folder can be used.</exception>
    private string PrepareSocket(Func<string> own, out WorkerGate? gate, out UnixFileMode mode)
    {
        HashSet<uint> users = UsersOf(_apps);
        if (users.Count == 0)
        {
            _hasLocalSockets = true;
            (gate, mode) = (null, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return own();
        }

        _gate ??= new WorkerGate(users, _logger);
        (gate, mode) = (_gate, Everybody);
        string path = ControlFolder.Share(own());
        _sharedSockets.Add(path);
        return path;
    }

    /// <summary>Removes what led to the workers' sockets.</summary>
    private void DisposeUsers() => _sharedSockets.ForEach(ControlFolder.RemoveLink);

    /// <summary>The applications have changed: so may have those who are let at the workers' sockets.</summary>
    private void ApplyUsers()
    {
        HashSet<uint> users = UsersOf(_apps);
        if (_gate is { } gate)
        {
            gate.Users = users;
        }
        else if (users.Count > 0 && _hasLocalSockets)
        {
            LogUnreachable(_logger, string.Join(", ", users));
        }
    }

    [LoggerMessage(14, LogLevel.Warning, "Workers of the users {Users} reach neither darter.cache nor darter.publish(), since the server was started when no application had a user of its own: 'darter upgrade' changes that")]
    private static partial void LogUnreachable(ILogger logger, string users);
}
