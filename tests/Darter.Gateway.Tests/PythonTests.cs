using System.Diagnostics;

namespace Darter.Gateway.Tests;

/// <summary>The tests written in Python, in <c>tests/python</c>.</summary>
public sealed class PythonTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Target_UnitTests_Pass(string python)
    {
        ProcessStartInfo start = new(python, ["-B", Path.Combine(Repository.Root, "tests", "python", "test_target.py")])
        {
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string report = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == 0, report);
    }
}
