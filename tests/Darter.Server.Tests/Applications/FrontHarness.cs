using System.Net;
using Darter.Server.Configuration;
using Darter.Testing;
using Darter.Wire;
using Darter.Workers;
using Darter.Workers.Tests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Darter.Server.Tests.Applications;

/// <summary>The real front on a port of its own, with workers that the test plays.</summary>
internal sealed class FrontHarness : IAsyncDisposable
{
    private FrontHarness(FrontServer server, IReadOnlyList<FakeLauncher> applications)
    {
        Server = server;
        Applications = applications;
        IPEndPoint endPoint = (IPEndPoint)server.EndPoints.Single();
        Address = new ServerAddress(endPoint, endPoint.ToString());
    }

    public FrontServer Server { get; }

    public ServerAddress Address { get; }

    /// <summary>The first channel.</summary>
    public FakeWorker Worker => Workers.Channels[0];

    /// <summary>The workers of the first application.</summary>
    public FakeLauncher Workers => Applications[0];

    /// <summary>The workers of each application.</summary>
    public IReadOnlyList<FakeLauncher> Applications { get; }

    /// <summary>Starts a front.</summary>
    /// <param name="application">What the workers serve.</param>
    /// <param name="channels">Channels of the one worker.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <param name="loggers">The operator's log; null: none.</param>
    /// <param name="applications">The names of the applications.</param>
    public static async Task<FrontHarness> StartAsync(
        ApplicationInterface application = ApplicationInterface.Asgi, int channels = 1, Func<ServerConfig, ServerConfig>? configure = null,
        ILoggerFactory? loggers = null, IReadOnlyList<string>? applications = null)
    {
        Assert.True(BindAddress.TryParse("127.0.0.1:0", out BindAddress? bind, out _));
        ServerConfig config = new() { Binds = [bind], GracefulTimeout = TimeSpan.FromSeconds(10) };
        config = configure?.Invoke(config) ?? config;
        applications ??= ["app"];
        FakeLauncher[] launchers = [.. applications.Select(_ => new FakeLauncher(channels) { Application = application })];
        WorkerPoolConfig workers = new()
        {
            Target = "test",
            Workers = 1,
            Threads = channels,
            Python = "",
            WorkingDirectory = "",
            Library = "",
            Bootstrap = "",
        };
        FrontServer server = new(
            config,
            [.. applications.Select(name => new AppConfig(name, workers))],
            (app, loop) => new WorkerPool(workers, launchers[applications.ToList().IndexOf(app.Name)], loop, TimeProvider.System, NullLogger<WorkerPool>.Instance),
            loggers ?? NullLoggerFactory.Instance);
        await Wait.For(server.StartAsync(TestContext.Current.CancellationToken), "the front to start");
        await Wait.Until(() => launchers.All(launcher => launcher.Channels.Count == channels), "the channels");
        return new FrontHarness(server, launchers);
    }

    public async ValueTask DisposeAsync()
    {
        Task leave = Task.WhenAll(Applications.Select(application => application.LeaveAsync()));
        await Server.DisposeAsync();
        await leave;
    }
}
