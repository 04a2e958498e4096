using System.CommandLine;
using Darter.Cli.Settings;
using Darter.Server.Tls;

namespace Darter.Cli;

/// <summary><c>darter check</c>: says whether the settings will do, which they are, and where each comes from.</summary>
internal static class CheckCommand
{
    /// <summary>The command, with the options of <c>darter run</c>.</summary>
    /// <param name="arguments">The command line after the command's name.</param>
    internal static Command Create(IReadOnlyList<string> arguments)
    {
        Option<bool> json = new("--json") { Description = "Print the settings as JSON" };
        Option<bool> schema = new("--schema") { Description = "Print the JSON Schema of darter.toml, for editors, and check nothing" };
        Command command = new("check", "Check the settings and print them, with where each comes from");
        RunConfigLoader loader = new(LaunchContext.OfProcess(arguments), json, schema);
        loader.Describe(command);
        command.SetAction((_, cancellation) => arguments.Contains(schema.Name)
            ? PrintSchemaAsync(loader)
            : CheckAsync(loader, arguments.Contains(json.Name), cancellation));
        return command;
    }

    private static async Task<int> PrintSchemaAsync(RunConfigLoader loader)
    {
        await Console.Out.WriteAsync(loader.Schema).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private static async Task<int> CheckAsync(RunConfigLoader loader, bool json, CancellationToken cancellation)
    {
        LoadedConfig loaded = await loader.LoadAsync(ConfigReport.Tell, cancellation).ConfigureAwait(false);
        ConfigReport.WriteFindings(loaded);
        if (loaded.Config is null)
        {
            return ExitCode.Configuration;
        }

        if (json)
        {
            ConfigReport.WriteJson(loaded);
        }
        else
        {
            ConfigReport.WriteTable(loaded);
        }

        if (loaded.Config.Server.Tls is { } tls && TlsFiles.FindProblem(tls) is { } problem)
        {
            ConfigReport.Tell(problem);
            return ExitCode.Configuration;
        }

        return ExitCode.Success;
    }
}
