using System.CommandLine;

namespace Darter.Cli.Settings;

/// <summary>What one source sets: values for options, and for the target.</summary>
internal sealed class SettingLayer
{
    private readonly Dictionary<Option, LayerEntry> _explicit = [];
    private readonly Dictionary<Option, LayerEntry> _derived = [];

    /// <summary>The target, if the source names one.</summary>
    internal LayerEntry? Target { get; set; }

    /// <summary>Sets an option.</summary>
    internal void Set(Option option, LayerEntry entry) => _explicit[option] = entry;

    /// <summary>Sets an option to what another setting of the source implies, unless the source sets it itself.</summary>
    internal void Imply(Option option, LayerEntry entry) => _derived.TryAdd(option, entry);

    /// <summary>What the source has for an option, or null.</summary>
    internal LayerEntry? Find(Option option) => _explicit.GetValueOrDefault(option) ?? _derived.GetValueOrDefault(option);
}
