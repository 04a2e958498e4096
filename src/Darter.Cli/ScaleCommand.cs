using System.CommandLine;
using System.Text.Json;
using Darter.Server.Control;

namespace Darter.Cli;

/// <summary><c>darter scale N</c>: sets the number of workers.</summary>
internal static class ScaleCommand
{
    /// <summary>The command, with its options.</summary>
    internal static Command Create()
    {
        Argument<int> workers = new("N") { Description = "Number of workers, at least 1" };
        workers.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value) && value < 1)
            {
                result.AddError($"N must be at least 1, not {value}.");
            }
        });
        return ControlCommand.Create("scale", "Set the number of workers of a running server", call => RunAsync(call, workers), workers);
    }

    private static async Task<int> RunAsync(ControlCall call, Argument<int> workers)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new ScaleOrder(call.Result.GetValue(workers)), ControlJson.Instance.ScaleOrder);
        if (await call.AskAsync("POST", "/scale", body, ControlJson.Instance.ScaleOutcome, 200).ConfigureAwait(false) is not { } outcome)
        {
            return ExitCode.Configuration;
        }

        call.Say($"Workers: {outcome.Before} -> {outcome.After}");
        return ExitCode.Success;
    }
}
