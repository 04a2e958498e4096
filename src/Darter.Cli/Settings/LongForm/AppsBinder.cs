using System.CommandLine;
using Darter.Cli.Options;
using Darter.Server.Configuration;
using Darter.Workers;

namespace Darter.Cli.Settings.LongForm;

/// <summary>
/// Makes the applications of a file, each from the same options as the only one has: what its table says, then what the top of
/// the file says, then the defaults. Flags and variables are stronger than the file, for each of them.
/// </summary>
/// <param name="options">The options.</param>
/// <param name="command">A command that has them.</param>
/// <param name="stack">The sources.</param>
/// <param name="launchFolder">The folder the command was started in.</param>
internal sealed class AppsBinder(RunOptions options, Command command, LayerStack stack, string launchFolder)
{
    /// <summary>
    /// Whether there is one application, the target: always, unless the file has tables for applications, or routes of which
    /// none names it, and no source names a target.
    /// </summary>
    internal bool HasOnlyOne(LongFormConfig longForm) =>
        longForm.Apps.Count == 0 && (stack.Target is not null || !longForm.HasRoutes || longForm.NamedApps.Any(named => named.Name == AppSettings.OnlyName));

    /// <summary>The configuration with applications, upstreams and routes.</summary>
    internal RunConfig Bind(LongFormConfig longForm, RunConfig config, out IReadOnlyList<EffectiveApp> effective)
    {
        List<EffectiveApp> shown = [];
        List<AppConfig> apps = [.. config.Apps];
        if (longForm.Apps.Count > 0)
        {
            if (stack.Target is { } target)
            {
                stack.Findings.Error($"{target.Origin.Describe(target.Name)}: the applications are those of {longForm.Apps[0].Origin}, [apps.{longForm.Apps[0].Name}]: "
                    + "name them there, each in a table of its own");
                effective = [];
                return config;
            }

            foreach (AppSource source in longForm.Apps)
            {
                LayerStack own = stack.ForApp(source);
                if (new SettingsBinder(options, command, own, launchFolder).BindOptions(true, AppSettings.Has, out _) is { } bound)
                {
                    AppUsers.Check(source, own, bound.Workers.User, config.Service.WorkersRunAs);
                    AppConfig app = new(source.Name, Complete(bound.Workers, config.DefaultWorkers));
                    apps.Add(app);
                    shown.Add(EffectiveSettings.Of(source, own, app));
                    config = apps.Count == 1 ? config with { PythonReason = bound.PythonReason } : config;
                }
            }
        }

        CheckNames(longForm);
        effective = shown;
        return config with
        {
            Apps = apps,
            Server = config.Server with { Upstreams = Together(config.Server.Upstreams, longForm.Upstreams), Routes = longForm.Routes },
            Development = config.Development is { } development
                ? development with { Folders = [.. development.Folders.Union(apps.Select(app => app.Workers.WorkingDirectory))] }
                : null,
        };
    }

    /// <summary>What is the same for all, since it is the front's business.</summary>
    private static WorkerPoolConfig Complete(WorkerPoolConfig own, WorkerPoolConfig all) => own with
    {
        WebSocketMaxQueue = all.WebSocketMaxQueue,
        Output = all.Output,
        ProcessName = all.ProcessName,
        Development = all.Development,
    };

    private static Dictionary<string, UpstreamConfig> Together(IReadOnlyDictionary<string, UpstreamConfig> flags, Dictionary<string, UpstreamConfig> file)
    {
        // What a flag says is stronger.
        Dictionary<string, UpstreamConfig> all = new(file);
        foreach ((string name, UpstreamConfig upstream) in flags)
        {
            all[name] = upstream;
        }

        return all;
    }

    private void CheckNames(LongFormConfig longForm)
    {
        string[] names = longForm.Apps.Count > 0 ? [.. longForm.Apps.Select(app => app.Name)] : [AppSettings.OnlyName];
        foreach (NamedApp named in longForm.NamedApps.Where(named => !names.Contains(named.Name)))
        {
            string near = NearestName.Find(named.Name, names) is { } found ? $"; did you mean {found}?"
                : longForm.Apps.Count == 0 ? $"; the application that 'target' names is '{AppSettings.OnlyName}'" : "";
            stack.Findings.Error($"{named.Origin.Describe("app")}: there is no [apps.{named.Name}]{near}");
        }

        HashSet<string> reached = [.. longForm.NamedApps.Select(named => named.Name)];
        foreach (AppSource app in longForm.Apps.Count > 1 ? longForm.Apps.Where(app => !reached.Contains(app.Name)) : [])
        {
            stack.Findings.Notice($"{app.Origin}: no route leads to [apps.{app.Name}], which has no requests then");
        }
    }
}
