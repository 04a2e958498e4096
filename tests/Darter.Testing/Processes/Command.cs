using System.Diagnostics;

namespace Darter.Testing.Processes;

/// <summary>Runs a program to its end.</summary>
public static class Command
{
    /// <summary>Runs <paramref name="file"/> without standard input.</summary>
    public static CommandResult Run(string file, IEnumerable<string> arguments) =>
        RunAsync(file, arguments).GetAwaiter().GetResult();

    /// <summary>Runs <paramref name="file"/> without standard input.</summary>
    /// <exception cref="TimeoutException">It did not end within <see cref="Wait.Patience"/>; it was killed.</exception>
    public static async Task<CommandResult> RunAsync(
        string file, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await Wait.For(Task.WhenAll(process.WaitForExitAsync(), output, errors), $"the end of {file}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Whether a program of this name is on the path.</summary>
    public static bool Exists(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, name)));
}
