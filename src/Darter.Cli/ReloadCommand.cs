using System.CommandLine;
using Darter.Server.Control;

namespace Darter.Cli;

/// <summary><c>darter reload</c>: new workers take the place of the present ones. It waits for that.</summary>
internal static class ReloadCommand
{
    /// <summary>The command, with its options.</summary>
    internal static Command Create() =>
        ControlCommand.Create("reload", "Read the configuration again and replace the workers; wait until the new ones serve", RunAsync);

    private static async Task<int> RunAsync(ControlCall call)
    {
        if (await call.AskAsync("POST", "/reload", [], ControlJson.Instance.ReloadOutcome, 200, 422).ConfigureAwait(false) is not { } outcome)
        {
            return ExitCode.Configuration;
        }

        if (outcome.Error is { } error)
        {
            Console.Error.WriteLine($"darter: not reloaded; generation {outcome.Generation} keeps serving.\n{error}");
            return outcome.Cause == "application" ? ExitCode.Application : ExitCode.Configuration;
        }

        call.Say($"Reloaded: generation {outcome.Generation} serves.");
        if (outcome.NotApplied.Count > 0)
        {
            call.Say($"Changed, but not before an upgrade or a restart: {string.Join(", ", outcome.NotApplied)}");
        }

        return ExitCode.Success;
    }
}
