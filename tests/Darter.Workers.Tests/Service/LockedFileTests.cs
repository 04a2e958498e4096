using Darter.Workers.Service;

namespace Darter.Workers.Tests.Service;

public sealed class LockedFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("darter-test-");

    private string FilePath => Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void TryOpen_WhileAnotherHasIt_IsNull()
    {
        using (LockedFile first = LockedFile.TryOpen(FilePath)!)
        {
            first.Write("long content");
            first.Write("short");
            Assert.Equal("short", File.ReadAllText(FilePath));
            Assert.Null(LockedFile.TryOpen(FilePath));
        }

        using LockedFile? second = LockedFile.TryOpen(FilePath);
        Assert.NotNull(second);
        Assert.Equal("short", File.ReadAllText(FilePath));
    }

    [Fact]
    public void IsAt_AfterTheFileWasReplaced_IsFalse()
    {
        using LockedFile file = LockedFile.TryOpen(FilePath)!;
        Assert.True(file.IsAt(FilePath));
        File.Delete(FilePath);
        Assert.False(file.IsAt(FilePath));
        File.WriteAllText(FilePath, "");
        Assert.False(file.IsAt(FilePath));
    }

    [Fact]
    public void TryOpen_InNoFolder_Throws() => Assert.Throws<IOException>(() => LockedFile.TryOpen("/no/such/folder/file"));
}
