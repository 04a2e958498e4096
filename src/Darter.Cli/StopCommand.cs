using System.CommandLine;
using System.Text.Json;
using Darter.Server.Control;

namespace Darter.Cli;

/// <summary><c>darter stop</c>: ends a server, and waits for its end.</summary>
internal static class StopCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>The command, with its options.</summary>
    internal static Command Create()
    {
        Option<bool> quick = new("--quick") { Description = "Break off the requests at hand instead of finishing them" };
        return ControlCommand.Create("stop", "Stop a running server in order; wait for its end", call => RunAsync(call, quick), quick);
    }

    private static async Task<int> RunAsync(ControlCall call, Option<bool> quick)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new StopOrder(call.Result.GetValue(quick)), ControlJson.Instance.StopOrder);
        if (await call.AskAsync("POST", "/stop", body, ControlJson.Instance.StopOutcome, 202).ConfigureAwait(false) is not { } outcome)
        {
            return ExitCode.Configuration;
        }

        while (IsRunning(outcome.Pid))
        {
            await Task.Delay(Interval, call.Cancellation).ConfigureAwait(false);
        }

        call.Say($"Stopped (pid {outcome.Pid}).");
        return ExitCode.Success;
    }

    // A process that has ended may still be there as a zombie, if its parent does not ask for its status.
    private static bool IsRunning(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
