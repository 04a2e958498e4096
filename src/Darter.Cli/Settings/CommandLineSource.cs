using System.CommandLine;

namespace Darter.Cli.Settings;

/// <summary>Settings on a command line, or in a variable that holds one.</summary>
internal static class CommandLineSource
{
    /// <summary>Reads the flags and the target that the command was started with.</summary>
    internal static void ReadArguments(IReadOnlyList<string> words, LayerStack stack)
    {
        CommandLineReader reader = Read(words, SettingSource.Flag, null, stack, out LayerBuilder builder);
        if (reader.Positionals.Count > 0)
        {
            builder.Add(new Setting(OptionTable.Target, SettingValue.Of(reader.Positionals[0]), new SettingOrigin(SettingSource.Flag, "TARGET")));
        }

        // After an unknown flag there is no telling what is its value.
        foreach (string further in reader.Errors.Count > 0 ? [] : reader.Positionals.Skip(1))
        {
            stack.Findings.Error($"'{further}': there is a target already, '{reader.Positionals[0]}'");
        }
    }

    /// <summary>Reads the flags in the variable <paramref name="variable"/>.</summary>
    internal static void ReadVariable(string variable, IReadOnlyDictionary<string, string> environment, LayerStack stack)
    {
        if (!environment.TryGetValue(variable, out string? text))
        {
            return;
        }

        if (ShellWords.Split(text) is not { } words)
        {
            stack.Findings.Error($"{variable}: a quotation does not end");
            return;
        }

        CommandLineReader reader = Read(words, SettingSource.CommandArguments, variable, stack, out _);
        if (reader.Positionals.Count > 0)
        {
            stack.Findings.Notice($"{variable}: '{reader.Positionals[0]}' has no effect, as with Gunicorn: the target is named on the command line, or by wsgi_app in a file");
        }
    }

    private static CommandLineReader Read(IReadOnlyList<string> words, SettingSource source, string? variable, LayerStack stack, out LayerBuilder builder)
    {
        CommandLineReader reader = new(stack.Table);
        reader.Read(words);
        foreach (string error in reader.Errors)
        {
            stack.Findings.Error(variable is null ? error : $"{variable}: {error}");
        }

        builder = stack.Push();
        foreach ((string flag, Option option, SettingValue value) in reader.Values().Where(given => !stack.Table.Further.Contains(given.Option)))
        {
            builder.Add(option, new Setting(flag, value, new SettingOrigin(source, variable ?? flag)));
        }

        return reader;
    }
}
