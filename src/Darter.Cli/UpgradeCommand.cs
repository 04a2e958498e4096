using System.CommandLine;
using Darter.Server.Control;

namespace Darter.Cli;

/// <summary><c>darter upgrade</c>: a new front takes the place of a running one, and of its sockets.</summary>
internal static class UpgradeCommand
{
    /// <summary>The command, with its options.</summary>
    internal static Command Create() =>
        ControlCommand.Create("upgrade", "Start a new front that takes over the sockets of the running one; wait until it serves", RunAsync);

    private static async Task<int> RunAsync(ControlCall call)
    {
        if (await call.AskAsync("POST", "/upgrade", [], ControlJson.Instance.UpgradeOutcome, 200, 422).ConfigureAwait(false) is not { } outcome)
        {
            return ExitCode.Configuration;
        }

        if (outcome.Error is { } error)
        {
            Console.Error.WriteLine($"darter: not upgraded: {error}");
            return ExitCode.Configuration;
        }

        call.Say($"Upgraded: pid {outcome.Pid} serves.");
        return ExitCode.Success;
    }
}
