using System.ComponentModel;
using System.Diagnostics;
using Darter.Cli.Options;
using Darter.Server;
using Darter.Workers;
using Darter.Workers.Service;
using Darter.Workers.Sources;

namespace Darter.Cli.Development;

/// <summary>What goes on beside a server of <c>darter dev</c>: sources are watched, workers restarted, browsers told.</summary>
internal sealed class DevelopmentSession
{
    private readonly DevelopmentRun _run;
    private readonly SourceWatcher? _watcher;
    private FrontServer? _server;
    private RunningServer? _running;

    private DevelopmentSession(RunConfig config, DevelopmentRun run)
    {
        _run = run;
        if (!run.Reloads)
        {
            return;
        }

        try
        {
            _watcher = new SourceWatcher(new SourceRules(Folders(config, run), run.Include, run.Exclude))
            {
                OutOfDate = () => _server!.Retire(),
                Changed = changes => _ = ChangeAsync(changes),
                Report = DevConsole.Note,
            };
        }
        catch (IOException exception)
        {
            DevConsole.Note($"changes are not noticed: {exception.Message}");
        }
    }

    /// <summary>The session of a development server; null: it is none.</summary>
    internal static DevelopmentSession? Create(RunConfig config) => config.Development is { } run ? new DevelopmentSession(config, run) : null;

    /// <summary>A configuration that was read, as the session needs it.</summary>
    internal RunConfig Apply(RunConfig config) => config.WithWorkers(workers => workers with { Development = workers.Development! with { SourcesTo = _watcher } });

    /// <summary>Begins to watch, before the application is loaded: a change while it loads counts. What is returned ends it.</summary>
    internal IDisposable? Begin(FrontServer server, RunningServer running)
    {
        _server = server;
        _running = running;
        _watcher?.Start();
        return _watcher;
    }

    /// <summary>The server serves.</summary>
    internal void Ready(RunConfig config)
    {
        // What listens at all addresses is reached at this one.
        string? address = _server!.Listeners.FirstOrDefault(listener => listener.StartsWith("http", StringComparison.Ordinal))
            ?.Replace("//0.0.0.0:", "//127.0.0.1:", StringComparison.Ordinal).Replace("//[::]:", "//[::1]:", StringComparison.Ordinal);
        DevConsole.Started(config.Workers.Target == "." ? Path.GetFileName(config.Workers.WorkingDirectory) : config.Workers.Target, address, config.Workers.Development!.Pin, _watcher is not null);
        if (_run.Opens && address is not null)
        {
            OpenBrowser(address);
        }
    }

    private async Task ChangeAsync(SourceChanges changes)
    {
        switch (changes.Kind)
        {
            case SourceKind.Style:
                _server!.LiveReload?.ReloadStyles();
                break;
            case SourceKind.Asset:
                _server!.LiveReload?.Reload();
                break;
            case SourceKind.Code:
                await RestartAsync(changes).ConfigureAwait(false);
                break;
        }
    }

    private async Task RestartAsync(SourceChanges changes)
    {
        long begin = Stopwatch.GetTimestamp();
        ReloadResult result = await _running!.RestartAsync().ConfigureAwait(false);
        if (result.Succeeded && !result.ServesError)
        {
            DevConsole.Reloaded(changes, _run.Folders[0], Stopwatch.GetElapsedTime(begin));
        }
        else if (result.Succeeded || result.IsLoadFailure)
        {
            DevConsole.NotReloaded(changes, _run.Folders[0]);
        }

        // A page shows what is wrong, too.
        if (result.Succeeded)
        {
            _server!.LiveReload?.Reload();
        }
    }

    /// <summary>The watched folders, those of files that are served, and that of a target elsewhere.</summary>
    private static IEnumerable<string> Folders(RunConfig config, DevelopmentRun run)
    {
        IEnumerable<string> folders = [.. run.Folders, .. config.Server.Folders.Select(folder => folder.Folder)];
        string path = Path.GetFullPath(config.Workers.Target.Split(".py:")[0], config.Workers.WorkingDirectory);
        return Directory.Exists(path) ? [.. folders, path]
            : File.Exists(path) || File.Exists(path + ".py") ? [.. folders, Path.GetDirectoryName(path)!]
            : folders;
    }

    private static void OpenBrowser(string address)
    {
        string command = Environment.GetEnvironmentVariable("BROWSER") is { Length: > 0 } browser ? browser.Split(':')[0] : "xdg-open";
        try
        {
            using Process process = new()
            {
                // It may be the browser itself, which writes for as long as it runs: not into this terminal, nor into a closed pipe.
                StartInfo = new ProcessStartInfo("/bin/sh", ["-c", "command -v \"$0\" >/dev/null || exit 127; \"$0\" \"$1\" >/dev/null 2>&1 &", command, address]),
            };
            ExclusiveStart.Start(process);
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                DevConsole.Note($"--open: there is no {command}; name a browser in $BROWSER");
            }
        }
        catch (Win32Exception exception)
        {
            DevConsole.Note($"--open: cannot start {command}: {exception.Message}");
        }
    }
}
