using System.Text.Json;

namespace Darter.Cli.Settings;

/// <summary>A Gunicorn configuration that is in use, for those who call its hooks: <c>darter.gunicorn_config.load</c> takes both.</summary>
/// <param name="Location">An absolute path, or <c>python:MODULE</c>.</param>
/// <param name="Folder">The folder that it is executed in.</param>
/// <param name="Hooks">Names of the hooks that it defines.</param>
/// <param name="Settings">The settings in effect, an object by Gunicorn's names.</param>
internal sealed record GunicornFile(string Location, string Folder, IReadOnlyList<string> Hooks, JsonElement Settings);
