using System.Net.Sockets;
using Darter.Server.Applications;
using Darter.Server.Configuration;
using Darter.Server.Control;
using Darter.Server.Hub;
using Darter.Server.Hub.Redis;
using Darter.Transport;
using Microsoft.Extensions.Logging;

namespace Darter.Server;

/// <summary>Connections that are held, and publishing to them.</summary>
public sealed partial class FrontServer
{
    // The workers', and whatever else the user runs that inherits it.
    private const string PublishVariable = "DARTER_PUBLISH";

    private readonly MessageHub? _hub;
    private readonly AnswerHolder? _holder;
    private PublishServer? _publishOwn;
    private PublishServer? _publishBound;
    private string? _publishPath;

    /// <summary>What publishes to held connections; null: nothing does.</summary>
    internal MessageHub? Hub => _hub;

    private MessageHub? CreateHub(HubConfig config) => config.IsOn
        ? new MessageHub(config, TimeProvider.System) { Backplane = CreateBackplane(config) }
        : null;

    private RedisBackplane? CreateBackplane(HubConfig config) => config.Backplane is { } address
        ? new RedisBackplane(address, config, TimeProvider.System, _loggers.CreateLogger<RedisBackplane>())
        : null;

    private AnswerHolder? CreateHolder(HubConfig config) => _hub is null
        ? null
        : new AnswerHolder(_hub, config, _loops.Loops[0], TimeProvider.System, _loggers.CreateLogger<AnswerHolder>());

    private IEnumerable<BindAddress> PublishBinds => _config.Hub is { IsOn: true, PublishBind: { } bind } ? [bind] : [];

    /// <summary>Listens where it is published, before there are workers: they are told where that is.</summary>
    /// <exception cref="IOException">The address of --publish-bind cannot be listened at.</exception>
    private async Task StartHubAsync()
    {
        if (_hub is null)
        {
            return;
        }

        HubConfig config = _config.Hub;
        _hub.Backplane?.Start(_hub);
        await StartOwnPublishAsync(_hub, config).ConfigureAwait(false);
        if (config.PublishBind is { } bind)
        {
            WebToken? token = config.Key is { } key ? new WebToken(key, TimeProvider.System) : null;
            _publishBound = new PublishServer(bind.EndPoints, _transport, _hub, new PublishAccess(isOpen: false, token), config, _loggers);
            try
            {
                await _publishBound.StartAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                throw new IOException($"--publish-bind: cannot listen at {bind.Text}: {exception.Message}", exception);
            }

            foreach (string address in _publishBound.Addresses)
            {
                Log.PublishingAt(_logger, address);
            }
        }
    }

    private async Task StartOwnPublishAsync(MessageHub hub, HubConfig config)
    {
        try
        {
            string path = PrepareSocket(ControlFolder.PreparePublish, out WorkerGate? gate, out UnixFileMode mode);
            EpollTransportFactory transport = new(_loops, new EpollTransportOptions { UnixSocketMode = mode }, _loggers);
            _publishOwn = new PublishServer([new UnixDomainSocketEndPoint(path)], transport, hub, new PublishAccess(isOpen: true, null), config, _loggers, gate);
            await _publishOwn.StartAsync().ConfigureAwait(false);
            _publishPath = path;
            Environment.SetEnvironmentVariable(PublishVariable, $"unix:{path}");
        }
        catch (Exception exception) when (exception is IOException or SocketException or ArgumentException)
        {
            Log.CannotPublish(_logger, exception.Message);
        }
    }

    /// <summary>Ends the connections that are held, since the server stops or leaves; the task ends when that has begun.</summary>
    private Task EndHeldAsync()
    {
        if (_holder is null)
        {
            return Task.CompletedTask;
        }

        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _loops.Loops[0].Post(new LoopCall(() =>
        {
            _holder.Held.GoAway();
            done.SetResult();
        }));
        return done.Task;
    }

    /// <summary>Waits until those have ended of which the HTTP server knows nothing any more.</summary>
    private Task HeldEndedAsync() => _holder?.Held.WhenNone ?? Task.CompletedTask;

    private async Task StopPublishingAsync()
    {
        if (_publishBound is not null)
        {
            await _publishBound.StopAsync().ConfigureAwait(false);
        }

        if (_publishOwn is not null)
        {
            await _publishOwn.StopAsync().ConfigureAwait(false);
            _publishPath = null;
        }

        if (_hub?.Backplane is { } backplane)
        {
            await backplane.DisposeAsync().ConfigureAwait(false);
        }
    }

    private HubStatus? DescribeHub()
    {
        if (_hub is null)
        {
            return null;
        }

        HubTotals totals = _hub.Totals;
        string[] publish = [.. _publishPath is null ? (string[])[] : [$"unix:{_publishPath}"], .. _publishBound?.Addresses ?? []];
        return new HubStatus(
            totals.Connections,
            totals.Channels,
            totals.Subscriptions,
            totals.Published,
            totals.Delivered,
            totals.HistoryItems,
            totals.HistoryBytes,
            publish,
            _hub.Backplane?.State);
    }
}
