using System.ComponentModel;
using Darter.Server;
using Darter.Server.Control;
using Darter.Workers;
using Darter.Workers.Hooks;
using Darter.Workers.Service;
using Microsoft.Extensions.Logging;

namespace Darter.Cli.Service;

/// <summary>
/// Replaces the running front by another one, of a new build perhaps: starts it with the listening sockets, waits until its
/// workers are ready, and gives way. Nothing changes if it does not come up.
/// </summary>
internal sealed class Upgrade(FrontServer server, FrontService service, ServerHooks? hooks, ILogger logger)
{
    /// <summary>How long a new front that has given up may take to end.</summary>
    private static readonly TimeSpan EndsByItself = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _successor;
    private int _state;

    /// <summary>Ends when another front has taken over: this one is to leave.</summary>
    internal Task HandedOver => _handedOver.Task;

    /// <summary>Ends a front that is being started: this one is asked to stop.</summary>
    internal void Abandon() => _successor?.Terminate();

    /// <summary>Upgrades. The task ends when the new front serves and this one begins to leave, or with the reason why not.</summary>
    internal async Task<UpgradeOutcome> UpgradeAsync()
    {
        // One that comes early is no less wanted.
        await service.Serving.ConfigureAwait(false);
        string? refusal = service.UpgradeRefusal;
        if (refusal is null && Interlocked.Exchange(ref _state, 1) != 0)
        {
            refusal = "an upgrade is under way";
        }

        if (refusal is not null)
        {
            ServiceMessages.UpgradeFailed(logger, refusal);
            return new UpgradeOutcome(Environment.ProcessId, refusal);
        }

        ServiceMessages.Upgrading(logger, SelfExecutable.Path);
        service.Manager.Reloading("Upgrading: a new front is starting");
        if (hooks is not null)
        {
            await hooks.UpgradingAsync().ConfigureAwait(false);
        }

        UpgradeOutcome result = await RunAsync().ConfigureAwait(false);
        if (result.Error is not { } error)
        {
            await server.StopAcceptingAsync().ConfigureAwait(false);
            ServiceMessages.Upgraded(logger, result.Pid);
            _handedOver.TrySetResult();
            return result;
        }

        Volatile.Write(ref _state, 0);
        ServiceMessages.UpgradeFailed(logger, error);
        service.Manager.Ready("The upgrade failed; the old front serves");
        return result;
    }

    private async Task<UpgradeOutcome> RunAsync()
    {
        LinePipe? link = null;
        try
        {
            (link, ChildProcess successor) = Start();
            _successor = successor;
            string? failure = await Starter.ReceiveReportAsync(link).ConfigureAwait(false);
            if (failure is null)
            {
                service.GiveWayTo(successor.ProcessId);
                Starter.GiveWay(link);
                return new UpgradeOutcome(successor.ProcessId, null);
            }

            // It has given up, and ends by itself with a status that tells why, or has lost the link: it must not go on beside this one.
            if (await Task.WhenAny(successor.Ended, Task.Delay(EndsByItself)).ConfigureAwait(false) != successor.Ended)
            {
                successor.Terminate();
            }

            ExitStatus status = await successor.Ended.ConfigureAwait(false);
            return new UpgradeOutcome(Environment.ProcessId, $"the new front (pid {successor.ProcessId}) did not come up ({status}){(failure.Length > 0 ? $": {failure}" : "")}");
        }
        catch (Win32Exception exception)
        {
            return new UpgradeOutcome(Environment.ProcessId, $"cannot start {SelfExecutable.Path}: {exception.Message}");
        }
        finally
        {
            link?.Dispose();
            _successor = null;
        }
    }

    private (LinePipe Link, ChildProcess Successor) Start()
    {
        (LinePipe ours, LinePipe theirs) = LinePipe.Create();
        using (theirs)
        {
            try
            {
                StartOrder order = service.OrderFor(theirs.Descriptor, server.ListeningSockets);
                List<int> descriptors = [order.Link, .. order.Listeners.Select(listener => listener.Descriptor)];
                if (order.PidFile is { } pidFile)
                {
                    descriptors.Add(pidFile);
                }

                return (ours, SelfStart.Run(order, descriptors, service.Manager.Environment, detached: false));
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }
}
