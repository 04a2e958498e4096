namespace Darter.Integration.Tests.Infrastructure;

/// <summary>A folder that is deleted on disposal.</summary>
public sealed class TemporaryFolder : IAsyncDisposable
{
    /// <summary>Its path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("darter-test-").FullName;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path, recursive: true);
        return ValueTask.CompletedTask;
    }
}
