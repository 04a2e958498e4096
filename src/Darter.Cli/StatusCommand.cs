using System.CommandLine;
using System.Globalization;
using Darter.Server.Control;
using Darter.Workers;

namespace Darter.Cli;

/// <summary><c>darter status</c>: shows a running server.</summary>
internal static class StatusCommand
{
    /// <summary>The command, with its options.</summary>
    internal static Command Create() => ControlCommand.Create("status", "Show a running server: its workers, queue and totals", RunAsync);

    private static async Task<int> RunAsync(ControlCall call)
    {
        if (await call.AskAsync("GET", "/status", [], ControlJson.Instance.ServerStatus, 200).ConfigureAwait(false) is not { } status)
        {
            return ExitCode.Configuration;
        }

        foreach (string line in Describe(status))
        {
            call.Say(line);
        }

        return ExitCode.Success;
    }

    private static IEnumerable<string> Describe(ServerStatus status)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        yield return string.Create(culture, $"darter {status.Version}, pid {status.Pid}, {status.State}, up {Duration(status.Uptime)}, {Size(status.Rss)}");
        yield return $"target      {status.Target}{(status.Interface is null ? "" : $" ({status.Interface})")}";
        yield return $"python      {status.Python}";
        yield return $"listeners   {string.Join("  ", status.Listeners)}";
        yield return string.Create(culture, $"generation  {status.Generation}, workers: {status.WorkersWanted}");
        yield return string.Create(culture, $"requests    {status.Waiting} waiting, {status.Workers.Sum(worker => worker.Running)} in workers, {status.WebSockets} WebSockets");
        yield return string.Create(
            culture,
            $"totals      {status.Totals.Requests} requests, {status.Totals.WorkersStarted} workers started, {status.Totals.WorkersDied} died, {status.Totals.Reloads} reloads, {status.Totals.FailedReloads} failed");
        if (status.Hub is { } hub)
        {
            yield return string.Create(
                culture,
                $"hub         {hub.Connections} connections, {hub.Channels} channels, {hub.Published} published, {hub.Delivered} delivered, history: {hub.HistoryItems} items, {Size(hub.HistoryBytes)}");
            yield return $"publish     {string.Join("  ", hub.Publish)}";
            if (hub.Backplane is { } backplane)
            {
                yield return $"backplane   {backplane}";
            }
        }

        foreach (string line in status.Cache is { } cache ? CacheCommand.Describe(cache) : [])
        {
            yield return line;
        }

        foreach (string line in status.SharedCache is { } values ? SharedCacheText.Describe(values) : [])
        {
            yield return line;
        }

        foreach (UpstreamStatus upstream in status.Upstreams ?? [])
        {
            yield return "";
            foreach (string line in Table.Format([$"UPSTREAM {upstream.Name}", "STATE", "WEIGHT", "RUNNING", "REQUESTS", "FAILURES"], upstream.Destinations.Select(Row)))
            {
                yield return line;
            }
        }

        yield return "";
        foreach (string line in Workers(status))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Workers(ServerStatus status)
    {
        string[] columns = ["WORKER", "PID", "STATE", "GENERATION", "AGE", "REQUESTS", "RUNNING", "STREAMS", "RSS"];
        return status.Apps.Count > 1
            ? Table.Format(["APP", .. columns], status.Apps.SelectMany(app => app.Workers.Select(worker => (string[])[app.Name, .. Row(worker)])))
            : Table.Format(columns, status.Workers.Select(Row));
    }

    private static string[] Row(WorkerStatus worker) =>
    [
        worker.Number.ToString(CultureInfo.InvariantCulture),
        worker.Pid == 0 ? "" : worker.Pid.ToString(CultureInfo.InvariantCulture),
        worker.State,
        worker.Generation.ToString(CultureInfo.InvariantCulture),
        Duration(worker.Age),
        worker.Requests.ToString(CultureInfo.InvariantCulture),
        worker.Running.ToString(CultureInfo.InvariantCulture),
        worker.Streams.ToString(CultureInfo.InvariantCulture),
        Size(worker.Rss),
    ];

    private static string[] Row(DestinationStatus destination) =>
    [
        destination.Address,
        destination.State,
        destination.Weight.ToString(CultureInfo.InvariantCulture),
        destination.Running.ToString(CultureInfo.InvariantCulture),
        destination.Requests.ToString(CultureInfo.InvariantCulture),
        destination.Failures.ToString(CultureInfo.InvariantCulture),
    ];

    private static string Duration(double seconds)
    {
        TimeSpan time = TimeSpan.FromSeconds(seconds);
        return FormattableString.Invariant(
            time.TotalDays >= 1 ? (FormattableString)$"{(int)time.TotalDays}d {time.Hours}h"
            : time.TotalHours >= 1 ? (FormattableString)$"{(int)time.TotalHours}h {time.Minutes}m"
            : time.TotalMinutes >= 1 ? (FormattableString)$"{time.Minutes}m {time.Seconds}s"
            : $"{time.TotalSeconds:0.0}s");
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB");
}
