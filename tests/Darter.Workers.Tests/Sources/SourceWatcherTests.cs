using System.Collections.Concurrent;
using System.Text;
using Darter.Workers.Sources;

namespace Darter.Workers.Tests.Sources;

/// <summary>What is noticed of the ways in which files change.</summary>
public sealed class SourceWatcherTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("darter-test-").FullName;
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("darter-test-").FullName;
    private readonly BlockingCollection<SourceChanges> _changes = [];
    private readonly List<string> _reports = [];
    private int _outOfDate;
    private SourceWatcher? _watcher;

    public void Dispose()
    {
        _watcher?.Dispose();
        _changes.Dispose();
        Directory.Delete(_root, recursive: true);
        Directory.Delete(_elsewhere, recursive: true);
    }

    [Fact]
    public void Write_OfAModule_IsNoticed()
    {
        Write("app.py");
        Start();
        Write("app.py");
        Assert.Equal(SourceKind.Code, Next("app.py").Kind);
        Assert.Equal(1, _outOfDate);
    }

    [Fact]
    public void Rename_IntoPlace_IsNoticed()
    {
        Write("app.py");
        Start();
        Write(".app.py.tmp");
        File.Move(At(".app.py.tmp"), At("app.py"), overwrite: true);
        Next("app.py");
    }

    [Fact]
    public void Removal_IsNoticed()
    {
        Write("app.py");
        Start();
        File.Delete(At("app.py"));
        Next("app.py");
    }

    [Fact]
    public void NewFolder_WithWhatIsInItAlready_IsNoticed()
    {
        Start();
        Directory.CreateDirectory(Path.Combine(_elsewhere, "shop/deep"));
        File.WriteAllText(Path.Combine(_elsewhere, "shop/deep/views.py"), "");
        Directory.Move(Path.Combine(_elsewhere, "shop"), At("shop"));
        Next("shop/deep/views.py");
        Write("shop/deep/models.py");
        Next("shop/deep/models.py");
    }

    [Fact]
    public void FolderThatMoved_IsWatchedUnderItsNewName()
    {
        Directory.CreateDirectory(At("old"));
        Start();
        Directory.Move(At("old"), At("new"));
        Write("new/a.py");
        Next("new/a.py");
    }

    [Fact]
    public void StyleSheet_IsNotCode()
    {
        Start();
        Write("site.css");
        Assert.Equal(SourceKind.Style, Next("site.css").Kind);
        Assert.Equal(0, _outOfDate);
    }

    [Fact]
    public void Imported_Elsewhere_IsNoticedOnceItIsReported()
    {
        string module = Path.Combine(_elsewhere, "lib.py");
        Start();
        ((IWorkerOutput)_watcher!).OnLine("worker 1", 1, Encoding.UTF8.GetBytes(module));

        // When it is watched is not told; a file of the same folder that nobody imported never counts.
        SourceChanges? changes = null;
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    File.WriteAllText(Path.Combine(_elsewhere, "other.py"), "");
                    File.WriteAllText(module, "");
                    return _changes.TryTake(out changes, 200);
                },
                TimeSpan.FromSeconds(30)));
        Assert.Equal([module], changes!.Files);
    }

    [Fact]
    public void Excluded_IsNotNoticed()
    {
        Directory.CreateDirectory(At(".git"));
        Start(exclude: ["test_*.py"]);
        Write(".git/hook.py");
        Write("test_app.py");
        Write("db.sqlite3");
        Write("app.py");
        Assert.Equal([At("app.py")], _changes.Take(TestContext.Current.CancellationToken).Files);
    }

    [Fact]
    public void ManyChanges_AreFew()
    {
        for (int i = 0; i < 20; i++)
        {
            Directory.CreateDirectory(At($"package{i}"));
        }

        Start();
        HashSet<string> expected = [];
        for (int i = 0; i < 2000; i++)
        {
            string name = $"package{i % 20}/module{i}.py";
            Write(name);
            expected.Add(At(name));
        }

        int count = 0;
        while (expected.Count > 0)
        {
            Assert.True(_changes.TryTake(out SourceChanges? changes, TimeSpan.FromSeconds(30)));
            expected.ExceptWith(changes.Files);
            count++;
        }

        Assert.InRange(count, 1, 200);
        Assert.Empty(_reports);
    }

    private void Start(string[]? exclude = null)
    {
        _watcher = new SourceWatcher(new SourceRules([_root], [], exclude ?? []))
        {
            OutOfDate = () => Interlocked.Increment(ref _outOfDate),
            Changed = _changes.Add,
            Report = _reports.Add,
        };
        _watcher.Start();
    }

    private string At(string name) => Path.Combine(_root, name);

    private void Write(string name) => File.WriteAllText(At(name), "");

    /// <summary>Waits until a change of this file has been told.</summary>
    private SourceChanges Next(string name)
    {
        SourceChanges? changes;
        do
        {
            Assert.True(_changes.TryTake(out changes, TimeSpan.FromSeconds(30)), $"waited in vain for {name}");
        }
        while (!changes.Files.Contains(At(name)));
        return changes;
    }
}
