using System.ComponentModel;
using System.Globalization;
using Darter.Cli.Options;
using Darter.Server;
using Darter.Server.Configuration;
using Darter.Server.Listeners;
using Darter.Workers.Service;
using Microsoft.Extensions.Logging;

namespace Darter.Cli.Service;

/// <summary>
/// What a front does as a service of the machine: opens its addresses and then gives its rights up, keeps the pid file, and
/// tells whoever started it and the service manager how it is.
/// </summary>
internal sealed class FrontService : IDisposable
{
    /// <summary>Set by darter.run() of the Python package: the process that waits for this one.</summary>
    private const string ParentVariable = "_DARTER_PARENT";

    private readonly RunConfig _config;
    private readonly ILogger _logger;
    private readonly Starter? _starter = Starter.Current;
    private readonly IReadOnlyList<int> _activated;
    private readonly int? _parent;
    private PidFile? _pidFile;
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stops;
    private bool _hasGivenWay;
    private bool _hasGivenUpRights;

    /// <summary>Takes from the environment what concerns it.</summary>
    internal FrontService(RunConfig config, ILogger logger)
    {
        _logger = logger;
        Manager = ServiceManager.Find();
        IReadOnlyList<(int Descriptor, string Name)> sockets = SocketActivation.Take();
        if (sockets.Count > 0)
        {
            ServiceMessages.Activated(logger, string.Join(", ", sockets.Select(socket => $"fd://{socket.Descriptor} {socket.Name}")));
        }

        _activated = sockets.Count > 0 ? [.. sockets.Select(socket => socket.Descriptor)] : _starter?.Order.Activated ?? [];
        _config = Apply(config);
        if (int.TryParse(Environment.GetEnvironmentVariable(ParentVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int parent))
        {
            Environment.SetEnvironmentVariable(ParentVariable, null);
            _parent = parent;
        }
    }

    /// <summary>The configuration, with the addresses that are really served.</summary>
    internal RunConfig Config => _config;

    /// <summary>A configuration with the addresses that are served: those of a service manager, if it opened some.</summary>
    internal RunConfig Apply(RunConfig config)
    {
        config = config with { Server = SocketActivation.Apply(config.Server, _activated) };

        // A front that has given its rights up runs everything as itself, whatever --user says by now.
        return _hasGivenUpRights ? config.WithWorkers(workers => workers with { User = null }) : config;
    }

    /// <summary>The service manager, if there is one.</summary>
    internal ServiceManager Manager { get; }

    /// <summary>Whether another front serves until this one can.</summary>
    internal bool TakesOver => _starter is { Order.IsUpgrade: true };

    /// <summary>Why there can be no upgrade now, or null.</summary>
    internal string? UpgradeRefusal =>
        _parent is not null ? "darter.run() waits for this process: start the server by a command to upgrade it"
        : Environment.ProcessId == 1 ? "this front is process 1 of a container, which ends with it: replace the container"
        : _hasGivenWay ? "another front serves already"
        : _stops ? "this front is stopping"
        : null;

    /// <summary>Ends when the front serves, or stops without having served.</summary>
    internal Task Serving => _serving.Task;

    /// <summary>Opens the addresses, writes the pid file, and becomes the user that serves.</summary>
    /// <exception cref="IOException">One of it is not possible; the message says which.</exception>
    internal void Open(FrontServer server)
    {
        if (TakesOver)
        {
            ServiceMessages.TakingOver(_logger, ParentProcess());
        }

        ServiceConfig service = _config.Service;
        server.Open(_starter?.Order.Listeners);
        if (service.PidFile is { } path)
        {
            _pidFile = PidFile.Create(path, _starter?.Order.PidFile);
        }

        if (service.ProcessName is { } name)
        {
            ProcessTitle.Set($"darter: front [{name}]", name);
        }

        if (_config.HasOwnUsers)
        {
            StayRoot();
        }
        else if (service.User is not null || service.Group is not null)
        {
            BecomeUser(service);
        }

        if (_parent is { } parent)
        {
            // After the user was changed, which makes the kernel forget it.
            Privileges.FollowParent(parent);
        }

        Manager.Status("Starting: the application is loading");
    }

    /// <summary>Says that the front serves; the task ends when it is the only one that accepts connections.</summary>
    internal async Task ReadyAsync(FrontServer server)
    {
        if (_starter is not null)
        {
            await _starter.ReportReadyAsync().ConfigureAwait(false);
            server.OwnListeners();
            _pidFile?.Own();
        }

        Manager.Ready(string.Create(CultureInfo.InvariantCulture, $"Serving, with {_config.Apps.Sum(app => app.Workers.Workers)} workers"));
        if (Manager.WatchdogInterval is { } interval)
        {
            server.StartHeartbeat(interval, Manager.Watchdog);
        }

        _serving.TrySetResult();
    }

    /// <summary>Says why the front will not serve.</summary>
    internal void Fail(string reason)
    {
        _starter?.ReportFailure(reason);
        Manager.Status($"Failed: {reason.Split('\n')[0]}");
    }

    /// <summary>Says that the front is ending, unless another one has taken its place.</summary>
    internal void Stopping()
    {
        _stops = true;
        if (!_hasGivenWay)
        {
            Manager.Stopping();
        }
    }

    /// <summary>What a new front is told.</summary>
    internal StartOrder OrderFor(int link, IReadOnlyList<HandedListener> listeners) => new()
    {
        Link = link,
        IsUpgrade = true,
        Listeners = [.. listeners],
        Activated = [.. _activated],
        PidFile = _pidFile?.Descriptor,
    };

    /// <summary>Makes another process the service.</summary>
    internal void GiveWayTo(int processId)
    {
        _hasGivenWay = true;
        _pidFile?.HandOver(processId);
        Manager.Succeed(processId);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stops = true;
        _serving.TrySetResult();
        _pidFile?.Dispose();
        Manager.Dispose();
    }

    private void BecomeUser(ServiceConfig service)
    {
        uint group = service.Group ?? Privileges.Group;
        _pidFile?.Give(service.User?.User ?? Privileges.User, group);
        try
        {
            Privileges.Drop(service.User, group, service.InitGroups);
        }
        catch (Win32Exception exception)
        {
            throw new IOException($"--user, --group: {exception.Message}", exception);
        }

        _hasGivenUpRights = true;
        ServiceMessages.PrivilegesDropped(_logger, Privileges.User, Privileges.Group);
    }

    /// <summary>Workers of several users can be started and ended by root alone.</summary>
    private void StayRoot()
    {
        string[] users = [.. _config.Apps.Select(app => $"{app.Name} as {app.Workers.User?.ToString() ?? "root"}")];
        ServiceMessages.StaysRoot(_logger, string.Join(", ", users));
        foreach (AppConfig app in _config.Apps.Where(app => app.Workers.User is null))
        {
            ServiceMessages.RunsAsRoot(_logger, app.Name);
        }
    }

    private static int ParentProcess()
    {
        string stat = File.ReadAllText("/proc/self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
