namespace Darter.Gateway.Tests.Front;

/// <summary>A file that an application waits for.</summary>
internal sealed class TestGate : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"darter-gate-{Guid.NewGuid():N}");

    public void Open() => File.WriteAllText(Path, "");

    public void Dispose() => File.Delete(Path);
}
