using Darter.Cli.Options;
using Darter.Cli.Settings;
using Darter.Server;
using Darter.Server.Configuration;
using Darter.Workers;
using Microsoft.Extensions.Logging;

namespace Darter.Cli;

/// <summary><c>--check-config</c>: loads the application in a worker, which nobody can reach, and ends.</summary>
internal static class ConfigCheck
{
    /// <summary>Returns the exit status, once the settings were printed, if asked for, and the application was loaded.</summary>
    internal static async Task<int> RunAsync(LoadedConfig loaded, ILoggerFactory loggers, ILogger logger)
    {
        RunConfig config = loaded.Config!;
        if (config.PrintSettings)
        {
            ConfigReport.WriteTable(loaded);
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("darter-check-");
        try
        {
            // Its lifespan would open what a running application needs.
            RunConfig single = config.WithWorkers(workers => workers with { Workers = 1, Threads = 1, Lifespan = "off" });
            if (!BindAddress.TryParse($"unix:{folder.FullName}/socket", out BindAddress? address, out string? error))
            {
                throw new IOException(error);
            }

            using StopRequest stop = new();
            using ServerSignals signals = new(stop);
            // The addresses may be those of a server that runs, and a Redis has nothing to do with whether the application loads.
            ServerConfig unreachable = config.Server with
            {
                Binds = [address],
                RedirectBinds = [],
                Upstreams = new Dictionary<string, UpstreamConfig>(),
                UpstreamPaths = [],
                Routes = [],
                Hub = config.Server.Hub with { PublishBind = null, Backplane = null },
                SharedCache = config.Server.SharedCache with { Bind = null },
                CacheRedis = null,
            };
            await using FrontServer server = new(unreachable, single.Apps, TimeProvider.System, loggers);
            await server.StartAsync(stop.Any).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (WorkerStartException exception)
        {
            Messages.NotLoaded(logger, config.Targets, exception.Message.TrimEnd());
            return ExitCode.Application;
        }
        catch (IOException exception)
        {
            ConfigReport.Tell(exception.Message);
            return ExitCode.Configuration;
        }
        catch (OperationCanceledException)
        {
            // A signal, while the application was being imported.
            return ExitCode.Application;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
