using System.CommandLine;
using Darter.Cli.Development;
using Darter.Cli.Options;
using Darter.Cli.Settings.Files;
using Darter.Cli.Settings.LongForm;

namespace Darter.Cli.Settings;

/// <summary>
/// Makes the configuration from all its sources: flags, environment, file and defaults, in this order. It can do so again
/// at any time, from the same arguments, which is what a reload is.
/// </summary>
internal sealed class RunConfigLoader
{
    private readonly LaunchContext _context;
    private readonly bool _isDevelopment;
    private readonly RunOptions _options;
    private readonly OptionTable _table;
    private readonly Command _command = new("settings");

    /// <param name="context">What the command was started with.</param>
    /// <param name="further">Options of the command that are no settings.</param>
    internal RunConfigLoader(LaunchContext context, params IEnumerable<Option> further)
        : this(context, isDevelopment: false, further)
    {
    }

    /// <param name="context">What the command was started with.</param>
    /// <param name="isDevelopment">Whether it is <c>darter dev</c>.</param>
    /// <param name="further">Options of the command that are no settings.</param>
    internal RunConfigLoader(LaunchContext context, bool isDevelopment, params IEnumerable<Option> further)
    {
        _context = context;
        _isDevelopment = isDevelopment;
        _options = new RunOptions(isDevelopment);
        _table = new OptionTable(_options.Groups.SelectMany(group => group.All), further);
        _command.Arguments.Add(_options.Target);
        foreach (Option option in _table.Options)
        {
            _command.Options.Add(option);
        }
    }

    /// <summary>The JSON Schema of <c>darter.toml</c>.</summary>
    internal string Schema => ConfigSchema.Write(_table);

    /// <summary>The options.</summary>
    internal OptionTable Table => _table;

    /// <summary>Reads the text of a TOML file alone, without flags and variables.</summary>
    internal LoadedConfig Check(string text, ConfigFileReference reference)
    {
        LayerStack stack = new(_table, new Findings());
        ConfigFile file = TomlConfigFile.Read(text, reference, _table, stack.Findings);
        FileSource.Take(file, reference, stack);
        return new SettingsBinder(_options, _command, stack, _context.Folder).Bind(reference, file);
    }

    /// <summary>Gives a command the options, for its help.</summary>
    internal void Describe(Command command)
    {
        command.Arguments.Add(_options.Target);
        foreach (Option option in (IEnumerable<Option>)[.. _table.Options, .. _table.Further, .. _table.Foreign])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads all sources. What is wrong with them is in the result; nothing is thrown for it.</summary>
    /// <param name="tell">Takes messages to the operator while something takes long.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task<LoadedConfig> LoadAsync(Action<string> tell, CancellationToken cancellation)
    {
        Findings findings = new();
        LayerStack stack = new(_table, findings);
        CommandLineSource.ReadArguments(_context.Arguments, stack);
        Push(stack, EnvironmentSource.Settings(_context.Environment, _table, findings));
        if (!_isDevelopment)
        {
            CommandLineSource.ReadVariable(EnvironmentSource.CommandArguments, _context.Environment, stack);
        }

        FileSource source = new(_options, _context.Folder);
        ConfigFileReference? reference = source.Find(stack);
        ConfigFile file = reference is null ? new ConfigFile() : await source.ReadAsync(reference, stack, tell, cancellation).ConfigureAwait(false);
        if (_isDevelopment)
        {
            // What is meant for production is weaker than what development needs.
            if (reference is not null)
            {
                FileSource.TakeDevelopment(file, reference, stack);
            }

            Push(stack, DevelopmentSource.Settings(_context.Environment));
            CommandLineSource.ReadVariable(EnvironmentSource.CommandArguments, _context.Environment, stack);
        }

        if (reference is not null)
        {
            FileSource.Take(file, reference, stack);
        }

        Push(stack, EnvironmentSource.Defaults(_context.Environment));
        return new SettingsBinder(_options, _command, stack, _context.Folder).Bind(reference, file);
    }

    private static void Push(LayerStack stack, IEnumerable<Setting> settings)
    {
        LayerBuilder builder = stack.Push();
        foreach (Setting setting in settings)
        {
            builder.Add(setting);
        }
    }
}
