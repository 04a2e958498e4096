using System.Text;
using Darter.Transport.Files;

namespace Darter.Transport.Tests;

/// <summary>Opening files below a folder, by the kernel's own check and by what replaces it on old systems.</summary>
public sealed class ServedFolderTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("darter-folder-").FullName;
    private readonly string _root;

    public ServedFolderTests()
    {
        _root = Directory.CreateDirectory(Path.Combine(_outside, "root")).FullName;
        File.WriteAllText(Path.Combine(_outside, "secret"), "secret");
        Directory.CreateDirectory(Path.Combine(_outside, "root-too"));
        File.WriteAllText(Path.Combine(_outside, "root-too", "secret"), "secret");
        Directory.CreateDirectory(Path.Combine(_root, "sub"));
        File.WriteAllText(Path.Combine(_root, "open"), "open");
        File.CreateSymbolicLink(Path.Combine(_root, "in"), "sub/../open");
        File.CreateSymbolicLink(Path.Combine(_root, "in-absolute"), Path.Combine(_root, "open"));
        File.CreateSymbolicLink(Path.Combine(_root, "out"), "../secret");
        File.CreateSymbolicLink(Path.Combine(_root, "out-absolute"), Path.Combine(_outside, "secret"));
        File.CreateSymbolicLink(Path.Combine(_root, "out-beside"), Path.Combine(_outside, "root-too", "secret"));
        File.CreateSymbolicLink(Path.Combine(_root, "out-folder"), "..");
    }

    [Theory]
    [InlineData("open", true)]
    [InlineData("open", false)]
    [InlineData("in", true)]
    [InlineData("in", false)]
    [InlineData("in-absolute", true)]
    [InlineData("in-absolute", false)]
    public void TryOpen_OfAFileBelow_Opens(string path, bool asksKernel)
    {
        using ServedFolder folder = ServedFolder.Open(_root, followLinks: false, asksKernel);
        Assert.Equal(OpenOutcome.Opened, folder.TryOpen(Bytes(path), mayWait: true, out OpenedFile? file));
        using (file)
        {
            byte[] buffer = new byte[10];
            Assert.Equal(4, file!.Read(buffer, 0));
            Assert.Equal("open", Encoding.ASCII.GetString(buffer, 0, 4));
            Assert.Equal(4, file.Status.Length);
            Assert.Equal(0, file.Read(buffer, 4));
        }
    }

    [Theory]
    [InlineData("out", true)]
    [InlineData("out", false)]
    [InlineData("out-absolute", true)]
    [InlineData("out-absolute", false)]
    [InlineData("out-beside", true)]
    [InlineData("out-beside", false)]
    [InlineData("out-folder/secret", true)]
    [InlineData("out-folder/secret", false)]
    [InlineData("../secret", true)]
    [InlineData("../secret", false)]
    [InlineData("missing", true)]
    [InlineData("missing", false)]
    [InlineData("open/x", true)]
    [InlineData("open/x", false)]
    public void TryOpen_OfWhatIsNotBelow_FindsNothing(string path, bool asksKernel)
    {
        using ServedFolder folder = ServedFolder.Open(_root, followLinks: false, asksKernel);
        Assert.Equal(OpenOutcome.NotFound, folder.TryOpen(Bytes(path), mayWait: true, out OpenedFile? file));
        Assert.Null(file);
        Assert.Null(folder.GetStatus(Bytes(path)));
    }

    [Fact]
    public void TryOpen_FollowingLinks_LeadsOut()
    {
        foreach (bool asksKernel in (bool[])[true, false])
        {
            using ServedFolder folder = ServedFolder.Open(_root, followLinks: true, asksKernel);
            Assert.Equal(OpenOutcome.Opened, folder.TryOpen(Bytes("out"), mayWait: true, out OpenedFile? file));
            file!.Dispose();
        }
    }

    [Fact]
    public void TryOpen_WithoutTheKernelsCheck_IsForThoseWhoMayWait()
    {
        using ServedFolder folder = ServedFolder.Open(_root, followLinks: false, asksKernel: false);
        Assert.Equal(OpenOutcome.WouldWait, folder.TryOpen(Bytes("open"), mayWait: false, out OpenedFile? file));
        Assert.Null(file);
    }

    [Fact]
    public void NewFile_AppearsWhenItIsPublished()
    {
        using ServedFolder folder = ServedFolder.Open(_root, followLinks: false);
        folder.TryOpen(Bytes("sub"), mayWait: true, out OpenedFile? opened);
        using OpenedFile sub = opened!;
        string path = Path.Combine(_root, "sub");
        using (NewFile cut = NewFile.Create(sub))
        {
            cut.Write("half"u8);
            Assert.Empty(Directory.GetFiles(path));
        }

        Assert.Empty(Directory.GetFiles(path));
        using (NewFile whole = NewFile.Create(sub))
        {
            whole.Write("whole"u8);
            Assert.True(whole.TryPublish("name\0"u8));
        }

        using (NewFile second = NewFile.Create(sub))
        {
            second.Write("other"u8);
            Assert.False(second.TryPublish("name\0"u8));
        }

        Assert.Equal("whole", File.ReadAllText(Path.Combine(path, "name")));
        Assert.Single(Directory.GetFiles(path));
    }

    [Fact]
    public void ReadFolder_OfAFolder_HasItsFilesOnce()
    {
        for (int i = 0; i < 3000; i++)
        {
            File.WriteAllText(Path.Combine(_root, "sub", $"file-{i}"), "");
        }

        using ServedFolder folder = ServedFolder.Open(_root, followLinks: false);
        folder.TryOpen(Bytes("sub"), mayWait: true, out OpenedFile? opened);
        using OpenedFile sub = opened!;
        IReadOnlyList<FolderEntry> entries = sub.ReadFolder(10_000, out bool isComplete);
        Assert.True(isComplete);
        Assert.Equal(3000, entries.Select(entry => Encoding.UTF8.GetString(entry.Name.Span)).Distinct().Count());
    }

    [Fact]
    public void ReadFolder_OfMoreThanIsWanted_SaysSo()
    {
        using ServedFolder folder = ServedFolder.Open(_root, followLinks: false);
        folder.TryOpen(".\0"u8, mayWait: true, out OpenedFile? opened);
        using OpenedFile root = opened!;
        Assert.Equal(2, root.ReadFolder(2, out bool isComplete).Count);
        Assert.False(isComplete);
    }

    public void Dispose() => Directory.Delete(_outside, recursive: true);

    private static byte[] Bytes(string path) => [.. Encoding.UTF8.GetBytes(path), 0];
}
