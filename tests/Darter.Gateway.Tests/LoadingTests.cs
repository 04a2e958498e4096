using Darter.Wire;

namespace Darter.Gateway.Tests;

/// <summary>Targets that load, and what a worker says of those that do not.</summary>
public sealed class LoadingTests
{
    [Theory]
    [InlineData("app:app")]
    [InlineData("app")]
    [InlineData("app.py")]
    [InlineData("./app.py:app")]
    [InlineData(".")]
    public void Target_ThatLoads_IsServed(string target)
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control", target: target);

        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        Assert.Equal(0, worker.Drain());
    }

    [Theory]
    [InlineData("nowhere:app", "There is no module 'nowhere'")]
    [InlineData("app:nothing", "The module 'app' has no attribute 'nothing'.")]
    [InlineData("app:STARTED", "is not callable: it is of type list")]
    [InlineData("nowhere.py", "There is no file nowhere.py")]
    public void Target_ThatIsNot_IsExplained(string target, string expected)
    {
        string reason = Fail(Interpreters.Newest, "control", target, "auto");

        Assert.Contains(expected, reason);
        Assert.Contains("Name the application as module:attribute", reason);
        Assert.DoesNotContain("Traceback", reason);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Target_ThatRaises_GivesItsTraceback(string python)
    {
        string reason = Fail(python, "broken", "app", "auto");

        Assert.StartsWith("Traceback (most recent call last):", reason);
        Assert.Contains("import nowhere_to_be_found", reason);
        Assert.Contains("ModuleNotFoundError: No module named 'nowhere_to_be_found'", reason);
    }

    private static string Fail(string python, string app, string target, string interfaceName)
    {
        using TestWorker worker = TestWorker.Launch(python, Repository.App(app), target, interfaceName: interfaceName);
        worker.Channel.Open();
        TestFrame failed = worker.Channel.ReadFrame();
        Assert.Equal(FrameType.Failed, failed.Type);
        Assert.Null(worker.Channel.TryReadFrame());
        Assert.Equal(3, worker.WaitForExit());
        Assert.Equal("", worker.Errors);
        return System.Text.Encoding.UTF8.GetString(failed.Payload);
    }
}
