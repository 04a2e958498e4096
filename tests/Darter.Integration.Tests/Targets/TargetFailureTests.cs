namespace Darter.Integration.Tests.Targets;

/// <summary>An application that cannot be loaded stops the start: status 3, the reason, and nothing left running.</summary>
public class TargetFailureTests(ServerPool pool) : ServerTest(pool)
{
    // Target, and what must be in the log.
    private static readonly (string Target, string[] Expected)[] Failures =
    [
        ("no_such_module", ["no_such_module"]),
        ("no_such_module:app", ["no_such_module"]),
        ("no/such/file.py", ["no/such/file.py"]),
        ("no_such_file.py", ["no_such_file.py"]),
        ("/no/such/folder", ["/no/such/folder"]),
        ("raises", ["Traceback (most recent call last)", "raises.py", "RuntimeError: raised while importing"]),
        ("raises.py", ["Traceback (most recent call last)", "raises.py", "RuntimeError: raised while importing"]),
        ("missing_import", ["Traceback (most recent call last)", "missing_import.py", "no_such_dependency"]),
        ("syntax", ["syntax.py", "SyntaxError"]),
        ("exits", ["exits while importing"]),
        ("kills", ["42"]),
        ("values:missing", ["missing", "values"]),
        ("values:number", ["number", "not callable"]),
        ("values:nothing", ["nothing", "not callable"]),
        ("values:application()", ["Traceback (most recent call last)", "RuntimeError: raised by the factory"]),
        ("values:makes_number()", ["makes_number", "not callable"]),
        ("values:number.missing", ["missing"]),
        ("values:application(", ["application("]),
        ("empty", ["empty", "application"]),
        ("empty:application", ["application", "appliction"]),
        ("not a module", ["not a module"]),
    ];

    public static MatrixTheoryData<string, int> PythonsAndFailures => new(Ends, Enumerable.Range(0, Failures.Length));

    private static IReadOnlyList<string> Ends => Rows.Pythons.Count > 1 ? [Rows.Pythons[0], Rows.Pythons[^1]] : Rows.Pythons;

    [Theory]
    [MemberData(nameof(PythonsAndFailures))]
    public async Task Target_ThatCannotBeLoaded_EndsWithStatus3AndTheReason(string python, int row)
    {
        (string target, string[] expected) = Failures[row];
        DarterServer server = Launch(Options(target) with { Python = PythonInterpreters.Get(python) });
        Assert.Equal(3, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.All(expected, text => Assert.Contains(text, server.Log.Text, StringComparison.Ordinal));
        Assert.DoesNotContain("Ready:", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Target_ThatCannotBeLoadedBySeveralWorkers_IsReportedOnce()
    {
        DarterServer server = Launch(Options("raises") with { Workers = 4 });
        Assert.Equal(3, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.InRange(server.Log.Lines().Count(line => line.Contains("RuntimeError: raised while importing", StringComparison.Ordinal)), 1, 4);
    }

    [Theory]
    [InlineData("/usr/bin/env")]
    [InlineData("/bin/false")]
    public async Task Python_ThatIsNone_EndsTheStart(string python)
    {
        DarterServer server = Launch(Options("plain") with { NamePython = false, Arguments = ["--python", python] });
        Assert.InRange(await server.WaitForExitAsync(), 1, 3);
        await server.WaitForNoProcessAsync();
        Assert.Contains(python, server.Log.Text, StringComparison.Ordinal);
    }

    private static DarterServerOptions Options(string target) =>
        new() { Target = target, WorkingDirectory = Path.Combine(RepositoryPaths.WsgiApp("targets"), "broken") };
}
