using System.CommandLine;
using Darter.Cli.Settings.Gunicorn;
using Darter.Cli.Settings.LongForm;

namespace Darter.Cli.Settings;

/// <summary>The sources while the configuration is being loaded, the strongest first.</summary>
internal sealed class LayerStack(OptionTable table, Findings findings)
{
    private readonly List<SettingLayer> _layers = [];
    private readonly HashSet<GunicornSetting> _answered = [];
    private readonly List<(AppSource App, SettingLayer Layer, int Position)> _apps = [];

    /// <summary>The options.</summary>
    internal OptionTable Table => table;

    /// <summary>What there is to say.</summary>
    internal Findings Findings => findings;

    /// <summary>The target, if a source names one.</summary>
    internal LayerEntry? Target => _layers.Select(layer => layer.Target).FirstOrDefault(entry => entry is not null);

    /// <summary>Begins the next source, weaker than those before.</summary>
    internal LayerBuilder Push()
    {
        SettingLayer layer = new();
        _layers.Add(layer);
        return new LayerBuilder(table, layer, _answered, findings);
    }

    /// <summary>The applications that a file has tables for.</summary>
    internal IEnumerable<AppSource> Apps => _apps.Select(app => app.App);

    /// <summary>Begins what the file, which is the last source, says of an application: stronger than what it says of all.</summary>
    internal LayerBuilder PushApp(AppSource app)
    {
        SettingLayer layer = new();
        _apps.Add((app, layer, _layers.Count - 1));
        return new LayerBuilder(table, layer, _answered, findings);
    }

    /// <summary>The sources as they are for an application.</summary>
    internal LayerStack ForApp(AppSource app)
    {
        (AppSource _, SettingLayer layer, int position) = _apps.Find(candidate => candidate.App == app);
        LayerStack stack = new(table, findings);
        stack._layers.AddRange([.. _layers[..position], layer, .. _layers[position..]]);
        stack._apps.AddRange(_apps);
        return stack;
    }

    /// <summary>What an application's table has for an option, or null.</summary>
    internal LayerEntry? FindOwn(AppSource app, Option option) => _apps.Find(candidate => candidate.App == app).Layer.Find(option);

    /// <summary>A stack with the same sources to try a further one on; what is wrong with that one is not reported.</summary>
    internal LayerStack Copy()
    {
        LayerStack copy = new(table, new Findings());
        copy._layers.AddRange(_layers);
        copy._answered.UnionWith(_answered);
        return copy;
    }

    /// <summary>What the strongest source that sets an option has for it, or null.</summary>
    internal LayerEntry? Find(Option option) => _layers.Select(layer => layer.Find(option)).FirstOrDefault(entry => entry is not null);

    /// <summary>The same, for options with one value.</summary>
    internal string? Value(Option option) => Find(option)?.Values[0];
}
