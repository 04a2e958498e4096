using System.CommandLine;
using Darter.Cli.Options;

namespace Darter.Cli;

/// <summary>What the commands that talk to a running server have in common.</summary>
internal static class ControlCommand
{
    /// <summary>Creates a command with the options <c>--control</c> and <c>--json</c>.</summary>
    internal static Command Create(string name, string description, Func<ControlCall, Task<int>> run, params Symbol[] symbols)
    {
        Option<string?> socket = ControlOptions.CreateSocket("The control socket of the server; default: that of this user's only running server");
        Option<bool> json = new("--json") { Description = "Print the server's answer as JSON" };
        Command command = new(name, description) { socket, json };
        foreach (Symbol symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Option option:
                    command.Options.Add(option);
                    break;
            }
        }

        command.SetAction(async (result, cancellation) =>
        {
            if (await ServerFinder.FindAsync(result.GetValue(socket)).ConfigureAwait(false) is not { } client)
            {
                return ExitCode.Configuration;
            }

            try
            {
                return await run(new ControlCall(client, result, result.GetValue(json), cancellation)).ConfigureAwait(false);
            }
            catch (IOException exception)
            {
                Console.Error.WriteLine($"darter: {client.Path}: {exception.Message}");
                return ExitCode.Configuration;
            }
        });
        return command;
    }
}
