using System.Collections;

namespace Darter.Cli.Settings;

/// <summary>What a command was started with: the same at every reload.</summary>
/// <param name="Arguments">The command line after the command's name.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Folder">The current folder.</param>
internal sealed record LaunchContext(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string Folder)
{
    /// <summary>That of this process.</summary>
    internal static LaunchContext OfProcess(IReadOnlyList<string> arguments) => new(
        arguments,
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!),
        Directory.GetCurrentDirectory());
}
