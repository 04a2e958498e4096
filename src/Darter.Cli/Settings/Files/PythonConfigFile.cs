using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Darter.Workers.Service;

namespace Darter.Cli.Settings.Files;

/// <summary>A Gunicorn configuration: has the workers' interpreter execute it, and takes what it prints as JSON.</summary>
internal sealed class PythonConfigFile(string python, string folder)
{
    /// <summary>After how long it is said that the file still runs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>After how long it is given up.</summary>
    internal TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Executes the file; what is wrong with it goes to <paramref name="findings"/>.</summary>
    /// <param name="reference">The file, or module.</param>
    /// <param name="findings">What is wrong.</param>
    /// <param name="tell">Tells the operator what takes so long.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task<ConfigFile> ReadAsync(ConfigFileReference reference, Findings findings, Action<string> tell, CancellationToken cancellation)
    {
        ConfigFile file = new();
        string output;
        try
        {
            output = await ExecuteAsync(reference, tell, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            findings.Error($"{reference.Display}: has not come to its end within {Limit.TotalSeconds} s");
            return file;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(output);
            Take(document.RootElement, reference, file, findings);
        }
        catch (JsonException)
        {
            findings.Error($"{reference.Display}: ended its interpreter, {python}");
        }

        return file;
    }

    private async Task<string> ExecuteAsync(ConfigFileReference reference, Action<string> tell, CancellationToken cancellation)
    {
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(python)
            {
                ArgumentList = { Installation.GunicornConfig, reference.Location, folder, Patience.TotalSeconds.ToString(CultureInfo.InvariantCulture) },
                WorkingDirectory = folder,

                // It ends when this pipe does: with us.
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            },
        };
        ExclusiveStart.Start(process);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            if (await Task.WhenAny(output, Task.Delay(Patience, limit.Token)).ConfigureAwait(false) != output && !limit.IsCancellationRequested)
            {
                tell($"{reference.Display} has been running for {Patience.TotalSeconds} s; it is given {Limit.TotalSeconds} s");
            }

            string text = await output.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return text;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static void Take(JsonElement report, ConfigFileReference reference, ConfigFile file, Findings findings)
    {
        if (report.TryGetProperty("error", out JsonElement error))
        {
            findings.Error($"{reference.Display}: {error.GetString()}");
            return;
        }

        JsonElement lines = report.GetProperty("lines");
        foreach (JsonProperty setting in report.GetProperty("settings").EnumerateObject())
        {
            file.Settings.Add(new Setting(setting.Name, ValueOf(setting.Value), Origin(setting.Name)));
        }

        foreach (JsonProperty other in report.GetProperty("others").EnumerateObject())
        {
            file.Others.Add(new Setting(other.Name, ValueOf(other.Value), Origin(other.Name)));
        }

        foreach (JsonElement hook in report.GetProperty("hooks").EnumerateArray())
        {
            file.Hooks.Add(hook.GetString()!, Origin(hook.GetString()!));
        }

        foreach (JsonProperty wrong in report.GetProperty("errors").EnumerateObject())
        {
            findings.Error($"{Origin(wrong.Name).Describe(wrong.Name)}: {wrong.Value.GetString()}");
        }

        SettingOrigin Origin(string name) =>
            new(SettingSource.File, reference.Display, lines.TryGetProperty(name, out JsonElement line) ? line.GetInt32() : null);
    }

    private static SettingValue ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => SettingValue.None,
        JsonValueKind.True or JsonValueKind.False => SettingValue.Of(value.GetBoolean()),
        JsonValueKind.Number => new SettingValue(SettingKind.Number, [value.GetRawText()]),
        JsonValueKind.String => SettingValue.Of(value.GetString()!),
        JsonValueKind.Array => new SettingValue(SettingKind.List, [.. value.EnumerateArray().Select(ItemOf)]),
        _ => new SettingValue(SettingKind.Table, [.. value.EnumerateObject().Select(pair => $"{pair.Name}={ItemOf(pair.Value)}")]),
    };

    private static string ItemOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
