using System.Text;
using Darter.Server.Observability;

namespace Darter.Server.Tests.Observability;

public sealed class FileLogSinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("darter-test-").FullName;

    private string Log => Path.Combine(_folder, "a.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_ToAFile_AppendsBehindWhatOthersWrote()
    {
        File.WriteAllText(Log, "before\n");
        using FileLogSink sink = FileLogSink.Open(Log);
        File.AppendAllText(Log, "between\n");

        Assert.Equal(default, Write(sink, "one\n", "two\n"));

        Assert.Equal("before\nbetween\none\ntwo\n", File.ReadAllText(Log));
    }

    [Fact]
    public void Write_ToATruncatedFile_BeginsAtItsBeginning()
    {
        using FileLogSink sink = FileLogSink.Open(Log);
        Write(sink, "one\n");
        File.WriteAllText(Log, "");

        Write(sink, "two\n");

        Assert.Equal("two\n", File.ReadAllText(Log));
    }

    [Fact]
    public void Write_ToAFullDisk_LosesAllAndSaysWhy()
    {
        using FileLogSink sink = FileLogSink.Open("/dev/full");

        LogLoss loss = Write(sink, "one\n", "two\n", "three\n");

        Assert.Equal(3, loss.Entries);
        Assert.Contains("No space left", loss.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Reopen_OfARenamedFile_BeginsANewOne()
    {
        using FileLogSink sink = FileLogSink.Open(Log);
        Write(sink, "one\n");
        File.Move(Log, Log + ".1");
        Write(sink, "two\n");

        Assert.Null(sink.Reopen());
        Write(sink, "three\n");

        Assert.Equal("one\ntwo\n", File.ReadAllText(Log + ".1"));
        Assert.Equal("three\n", File.ReadAllText(Log));
    }

    [Fact]
    public void Reopen_WhereNoFileCanBe_SaysWhyAndGoesOnWithTheOldOne()
    {
        string folder = Path.Combine(_folder, "gone");
        Directory.CreateDirectory(folder);
        using FileLogSink sink = FileLogSink.Open(Path.Combine(folder, "a.log"));
        Directory.Delete(folder, recursive: true);

        Assert.Contains("No such file", sink.Reopen(), StringComparison.Ordinal);
        Assert.Equal(default, Write(sink, "one\n"));
    }

    [Fact]
    public void Open_WhereNoFileCanBe_SaysWhy() =>
        Assert.Contains("No such file", Assert.Throws<IOException>(() => FileLogSink.Open("/no/such/folder/a.log")).Message, StringComparison.Ordinal);

    private static LogLoss Write(FileLogSink sink, params string[] entries)
    {
        LogBatch batch = new();
        foreach (string entry in entries)
        {
            batch.Add(Encoding.UTF8.GetBytes(entry));
        }

        return sink.Write(batch.Bytes, batch.Ends);
    }
}
