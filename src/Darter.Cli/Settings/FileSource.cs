using Darter.Cli.Options;
using Darter.Cli.Settings.Files;
using Darter.Cli.Settings.Gunicorn;
using Darter.Cli.Settings.LongForm;

namespace Darter.Cli.Settings;

/// <summary>Settings in a configuration file.</summary>
/// <param name="options">The options, of which some say how to find and execute the file.</param>
/// <param name="launchFolder">The folder the command was started in, where Gunicorn executes its file.</param>
internal sealed class FileSource(RunOptions options, string launchFolder)
{
    /// <summary>Returns the file that the stronger sources name, else the one in the application's folder, or null.</summary>
    internal ConfigFileReference? Find(LayerStack stack) => stack.Value(options.Config) is { } named
        ? ConfigFileReference.Parse(named, launchFolder)
        : ConfigFileReference.Discover(Folder(stack));

    /// <summary>Reads the file, with what the stronger sources say of the interpreter.</summary>
    internal async Task<ConfigFile> ReadAsync(ConfigFileReference reference, LayerStack stack, Action<string> tell, CancellationToken cancellation) =>
        reference.Kind == ConfigFileKind.Python
            ? await ExecuteAsync(reference, stack, tell, cancellation).ConfigureAwait(false)
            : TomlConfigFile.Read(reference, stack.Table, stack.Findings);

    /// <summary>Adds what the file sets for <c>darter dev</c> alone.</summary>
    internal static void TakeDevelopment(ConfigFile file, ConfigFileReference reference, LayerStack stack)
    {
        LayerBuilder builder = stack.Push();
        file.Development.ForEach(setting => builder.Add(WithPaths(setting, reference, stack)));
    }

    private string Folder(LayerStack stack) => Path.GetFullPath(stack.Value(options.ChangeDirectory) ?? ".", launchFolder);

    private string? Interpreter(LayerStack stack) =>
        PythonLocator.Find(stack.Value(options.Python), stack.Target?.Values[0] ?? ".", Folder(stack))?.Path;

    /// <summary>Has the workers' interpreter execute the file, which may itself name the folder that decides which one that is.</summary>
    private async Task<ConfigFile> ExecuteAsync(ConfigFileReference reference, LayerStack stack, Action<string> tell, CancellationToken cancellation)
    {
        // That there is none is reported with the options.
        ConfigFile file = new();
        string? python = Interpreter(stack);
        for (int attempt = 0; python is not null && attempt < 2; attempt++)
        {
            Findings findings = new();
            file = await new PythonConfigFile(python, launchFolder).ReadAsync(reference, findings, tell, cancellation).ConfigureAwait(false);
            LayerStack with = stack.Copy();
            Take(file, reference, with);
            string? found = Interpreter(with);
            if (findings.Errors.Count > 0 || found == python || attempt == 1)
            {
                findings.Errors.ToList().ForEach(stack.Findings.Error);
                break;
            }

            python = found;
        }

        return file;
    }

    /// <summary>Adds what the file sets.</summary>
    internal static void Take(ConfigFile file, ConfigFileReference reference, LayerStack stack)
    {
        LayerBuilder builder = stack.Push();
        foreach (Setting setting in file.Settings)
        {
            if (setting.Name == "config")
            {
                stack.Findings.Notice($"{setting.Origin.Describe(setting.Name)}: has no effect in a file, as with Gunicorn");
            }
            else
            {
                builder.Add(reference.Kind == ConfigFileKind.Python ? setting : WithPaths(setting, reference, stack));
            }
        }

        foreach (AppSource app in file.LongForm.Apps)
        {
            LayerBuilder own = stack.PushApp(app);
            foreach (Setting setting in app.Settings)
            {
                own.Add(WithPaths(setting, reference, stack));
            }
        }

        TakeOthers(file, builder, stack);
        foreach ((string name, SettingOrigin origin) in file.Hooks)
        {
            if (GunicornSettings.Find(name) is { Reason: { Length: > 0 } reason })
            {
                stack.Findings.Error($"{origin.Describe(name)}: {reason}");
            }
        }
    }

    private static Setting WithPaths(Setting setting, ConfigFileReference reference, LayerStack stack) => stack.Table.OptionOf(setting.Name) is { } option
        ? setting with { Value = FilePaths.FromFile(option, setting.Value, Path.GetDirectoryName(reference.Location)!) }
        : setting;

    /// <summary>
    /// Other variables of a Python file may be Darter's settings, or mistyped, or the file's own business. Gunicorn has no say
    /// in them, so a name counts only if nobody would have it for another reason: by a prefix, or by several words.
    /// </summary>
    private static void TakeOthers(ConfigFile file, LayerBuilder builder, LayerStack stack)
    {
        const string Prefix = "darter_";
        HashSet<string> own = [.. stack.Table.Names.Where(name => name.Contains('_') && stack.Table.OfName(name) is { } option && GunicornSettings.ForOption(option, stack.Table) is null)];

        // Of two that are alike one is a setting, and the other how it was made.
        HashSet<string> set = [.. file.Settings.Concat(file.Others).Select(setting => setting.Name)];
        string[] missing = [.. own.Concat(GunicornSettings.All.Select(setting => setting.Name)).Except(set)];
        foreach (Setting other in file.Others)
        {
            bool prefixed = other.Name.StartsWith(Prefix, StringComparison.Ordinal);
            string name = prefixed ? other.Name[Prefix.Length..] : other.Name;
            if (prefixed && name == "python")
            {
                stack.Findings.Error($"{other.Origin.Describe(other.Name)}: the interpreter that executes this file is the workers'; name it with --python or DARTER_PYTHON");
            }
            else if (prefixed || own.Contains(name))
            {
                builder.Add(other with { Name = name });
            }
            else if (name.Length > 4 && NearestName.Find(name, missing, most: 1) is { } near)
            {
                stack.Findings.Notice($"{other.Origin.Describe(name)}: there is no such setting; did you mean {near}?");
            }
        }
    }
}
