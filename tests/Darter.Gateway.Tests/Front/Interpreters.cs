using System.Collections;
using System.Diagnostics;

namespace Darter.Gateway.Tests.Front;

/// <summary>Rows of a theory: every CPython from 3.8 on that is on this machine, or those that DARTER_TEST_PYTHONS names, separated by colons.</summary>
public sealed class Interpreters : IEnumerable<TheoryDataRow<string>>
{
    private static readonly Lazy<string[]> Found = new(Find);

    /// <summary>The one for tests that one is enough for.</summary>
    public static string Newest => Found.Value[^1];

    /// <summary>The oldest one.</summary>
    public static string Oldest => Found.Value[0];

    /// <summary>The version of one.</summary>
    public static Version VersionOf(string python) => Inspect(python).Version;

    /// <summary>The newest one that can import a module; the test is skipped if there is none.</summary>
    public static string With(string module)
    {
        string? found = Found.Value.LastOrDefault(path =>
        {
            using Process process = Process.Start(new ProcessStartInfo(path, ["-c", $"import {module}"]) { RedirectStandardError = true })!;
            _ = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        });
        Assert.SkipWhen(found is null, $"no interpreter here has {module}");
        return found!;
    }

    /// <inheritdoc/>
    public IEnumerator<TheoryDataRow<string>> GetEnumerator() =>
        Found.Value.Select(path => new TheoryDataRow<string>(path)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string[] Find()
    {
        (string Path, Version Version)[] found = [.. Candidates()
            .Where(File.Exists)
            .Select(Inspect)
            .Where(python => python.Version >= new Version(3, 8))
            .DistinctBy(python => python.Path)
            .OrderBy(python => python.Version)];
        return found.Length > 0 ? [.. found.Select(python => python.Path)] : throw new InvalidOperationException("There is no CPython of 3.8 or later.");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("DARTER_TEST_PYTHONS") is { Length: > 0 } chosen)
        {
            return chosen.Split(':', StringSplitOptions.RemoveEmptyEntries);
        }

        string root = Environment.GetEnvironmentVariable("PYENV_ROOT")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv");
        string versions = Path.Combine(root, "versions");
        IEnumerable<string> ofPyenv = Directory.Exists(versions) ? Directory.GetDirectories(versions).Select(folder => Path.Combine(folder, "bin", "python3")) : [];
        return ofPyenv.Append("/usr/bin/python3").Append("/usr/local/bin/python3");
    }

    private static (string Path, Version Version) Inspect(string path)
    {
        ProcessStartInfo start = new(path, ["-c", "import os, sys; print('%d.%d.%d' % sys.version_info[:3], os.path.realpath(sys.executable))"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string[] words = process.StandardOutput.ReadToEnd().Trim().Split(' ', 2);
        return (words[1], Version.Parse(words[0]));
    }
}
