namespace Darter.Cli.Settings.Shapes;

/// <summary>Takes the mistakes in a file, with their lines.</summary>
/// <param name="file">How the operator knows the file.</param>
/// <param name="findings">Takes the messages.</param>
internal sealed class FileReport(string file, Findings findings)
{
    /// <summary>How many mistakes there were.</summary>
    internal int Count { get; private set; }

    /// <summary>How the operator knows the file.</summary>
    internal string File => file;

    /// <summary>Reports a mistake in the value of a key.</summary>
    internal void Error(int line, string path, string message)
    {
        Count++;
        findings.Error(path.Length == 0 ? $"{file}:{line}: {message}" : $"{file}:{line}: {path}: {message}");
    }

    /// <summary>Where a key stands.</summary>
    internal SettingOrigin Origin(int line, string? key = null) => new(SettingSource.File, file, line) { Key = key };
}
