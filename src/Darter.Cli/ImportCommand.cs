using System.CommandLine;
using Darter.Cli.Importing;
using Darter.Cli.Settings;
using Darter.Cli.Settings.Files;

namespace Darter.Cli;

/// <summary><c>darter import</c>: another server's configuration as a <c>darter.toml</c>.</summary>
internal static class ImportCommand
{
    /// <summary>The command.</summary>
    internal static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "gunicorn.conf.py, uwsgi.ini, unit.json or a site of nginx" };
        Option<string?> from = new("--from") { Description = "What it is: gunicorn, uwsgi, unit or nginx; default: by its name, or what is in it", HelpName = "KIND" };
        from.CompletionSources.Add(ImportKinds.Names);
        Command command = new("import", "Print another server's configuration as a darter.toml") { file, from };
        command.SetAction((result, cancellation) => RunAsync(result.GetRequiredValue(file), result.GetValue(from), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string file, string? from, CancellationToken cancellation)
    {
        if (from is not null && !ImportKinds.Names.Contains(from))
        {
            return Fail($"--from must be {string.Join(", ", ImportKinds.Names[..^1])} or {ImportKinds.Names[^1]}, not '{from}'");
        }

        try
        {
            string path = Path.GetFullPath(file);
            string text = await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false);
            ImportKind? kind = from is null ? ImportKinds.Guess(path, text) : ImportKinds.Of(from);
            if (kind is null)
            {
                return Fail($"{file}: there is no telling what it is; name it with --from: {string.Join(", ", ImportKinds.Names)}");
            }

            RunConfigLoader loader = new(new LaunchContext([], new Dictionary<string, string>(), Directory.GetCurrentDirectory()));
            ImportResult? result = kind == ImportKind.Gunicorn
                ? await ExecuteAsync(loader, path, file, cancellation).ConfigureAwait(false)
                : ImportKinds.Import(kind.Value, text, path, file);
            if (result is null)
            {
                return ExitCode.Configuration;
            }

            string toml = result.Write();
            await Console.Out.WriteAsync(toml).ConfigureAwait(false);

            // Folders and interpreters may be those of another machine, so it is no failure.
            string place = Path.Combine(Path.GetDirectoryName(path)!, "darter.toml");
            foreach (string error in loader.Check(toml, new ConfigFileReference(ConfigFileKind.Toml, place, "darter.toml")).Errors)
            {
                ConfigReport.Tell($"note: on this machine the result has a mistake: {error}");
            }

            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ImportException)
        {
            return Fail(exception.Message);
        }
    }

    private static async Task<ImportResult?> ExecuteAsync(RunConfigLoader loader, string path, string display, CancellationToken cancellation)
    {
        string folder = Directory.GetCurrentDirectory();
        if (PythonLocator.Find(null, ".", folder) is not { } python)
        {
            Fail("there is no python3 that could execute the file");
            return null;
        }

        Findings findings = new();
        ConfigFileReference reference = new(ConfigFileKind.Python, path, display);
        ConfigFile read = await new PythonConfigFile(python.Path, folder).ReadAsync(reference, findings, ConfigReport.Tell, cancellation).ConfigureAwait(false);
        foreach (string error in findings.Errors)
        {
            Fail(error);
        }

        return findings.Errors.Count > 0 ? null : GunicornImport.Import(read, reference, loader.Table);
    }

    private static int Fail(string message)
    {
        ConfigReport.Tell(message);
        return ExitCode.Configuration;
    }
}
