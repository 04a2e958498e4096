namespace Darter.Testing;

/// <summary>An interpreter to test with.</summary>
/// <param name="Path">Its executable.</param>
/// <param name="Version">Its version.</param>
public sealed record PythonInterpreter(string Path, Version Version)
{
    /// <summary>A name for test rows: the version, and the path for those of the system, which may have the same version.</summary>
    public string Name => Path.StartsWith("/usr/", StringComparison.Ordinal) ? $"{Version} {Path}" : Version.ToString();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
