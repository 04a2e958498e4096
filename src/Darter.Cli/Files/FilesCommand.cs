using System.CommandLine;
using Darter.Server;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Microsoft.Extensions.Logging;

namespace Darter.Cli.Files;

/// <summary><c>darter files</c>: serves a folder.</summary>
internal static class FilesCommand
{
    /// <summary>Examples for <c>darter files --help</c>.</summary>
    internal const string Examples = """
        Examples:
          darter files                            the current folder at http://127.0.0.1:8000
          darter files public 9000                another folder, another port
          darter files dist --spa                 a single-page application
          darter files -b 0.0.0.0 --auth "ann:$(darter files --hash-password)"
          darter files inbox --upload             take files, too
          darter files --tls-cert cert.pem --tls-key key.pem

        """;

    /// <summary>The command, with its options.</summary>
    internal static Command Create()
    {
        FilesOptions options = new();
        Command command = new("files", "Serve a folder of files");
        options.Describe(command);
        command.SetAction((result, _) => RunAsync(options, result));
        return command;
    }

    private static async Task<int> RunAsync(FilesOptions options, ParseResult result)
    {
        if (result.GetValue(options.HashPassword))
        {
            return PasswordPrompt.Run();
        }

        List<string> errors = [];
        FilesConfig config = options.Read(result, errors);
        if (errors.Count > 0)
        {
            errors.ForEach(ConfigReport.Tell);
            return ExitCode.Configuration;
        }

        try
        {
            using ServerLogs logs = ServerLogs.Open(config.Server.Logging, TimeProvider.System);
            using LineLoggerProvider lines = new(logs.Error, LogLevel.Information);
            using LoggerFactory loggers = new LoggerFactory([lines], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
            return await ServeAsync(config, loggers, logs).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            ConfigReport.Tell(exception.Message);
            return ExitCode.Configuration;
        }
    }

    private static async Task<int> ServeAsync(FilesConfig config, LoggerFactory loggers, ServerLogs logs)
    {
        using StopRequest stop = new();
        using ServerSignals signals = new(stop);
        await using FilesServer server = new(config, TimeProvider.System, loggers, logs);
        await server.StartAsync(stop.Any).ConfigureAwait(false);
        (_, bool quick) = await stop.WaitAsync().ConfigureAwait(false);
        await server.StopAsync(quick, stop.Quick).ConfigureAwait(false);
        return ExitCode.Success;
    }
}
