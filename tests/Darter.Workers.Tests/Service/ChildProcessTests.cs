using System.ComponentModel;
using Darter.Testing;
using Darter.Workers.Service;

namespace Darter.Workers.Tests.Service;

public class ChildProcessTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Theory]
    [InlineData("exit 0", "exit status 0")]
    [InlineData("exit 7", "exit status 7")]
    [InlineData("kill -15 $$", "killed by SIGTERM")]
    public async Task Ended_OfAChild_TellsHow(string script, string expected)
    {
        ChildProcess child = Start(script, Nothing);
        Assert.Equal(expected, (await Wait.For(child.Ended, "the end")).ToString());
    }

    [Fact]
    public async Task Start_WithADescriptor_PassesItAndItsEnvironment()
    {
        (LinePipe ours, LinePipe theirs) = LinePipe.Create();
        using LinePipe link = ours;
        ChildProcess child = Start("echo \"$GREETING $HOME\" >&$FD", new() { ["GREETING"] = "hello\nworld", ["FD"] = $"{theirs.Descriptor}" }, theirs.Descriptor);
        theirs.Dispose();
        Assert.Equal("hello", await Wait.For(link.ReceiveAsync(), "a line"));
        Assert.Equal("world ", await Wait.For(link.ReceiveAsync(), "a line"));
        Assert.Null(await Wait.For(link.ReceiveAsync(), "the end of the link"));
        Assert.True((await child.Ended).IsSuccess);
    }

    [Fact]
    public async Task Start_WithoutADescriptor_PassesNone()
    {
        (LinePipe ours, LinePipe theirs) = LinePipe.Create();
        using (ours)
        using (theirs)
        {
            ChildProcess child = Start($"exec 2>/dev/null; echo x >&{theirs.Descriptor} || exit 9", Nothing);
            Assert.False((await Wait.For(child.Ended, "the end")).IsSuccess);
        }
    }

    [Fact]
    public async Task Start_Detached_IsASessionWithoutATerminal()
    {
        (LinePipe ours, LinePipe theirs) = LinePipe.Create();
        using LinePipe link = ours;
        string script = $"read -r pid comm state ppid pgrp session rest </proc/self/stat; echo $$ $session $(readlink /proc/$$/fd/1) >&{theirs.Descriptor}";
        ChildProcess child = ChildProcess.Start("/bin/bash", ["bash", "-c", script], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, [theirs.Descriptor], detached: true);
        theirs.Dispose();
        Assert.Equal($"{child.ProcessId} {child.ProcessId} /dev/null", await Wait.For(link.ReceiveAsync(), "a line"));
    }

    [Fact]
    public async Task Terminate_OfAChild_EndsIt()
    {
        ChildProcess child = Start("exec sleep 60", new() { ["PATH"] = "/usr/bin:/bin" });
        child.Terminate();
        Assert.Equal("killed by SIGTERM", (await Wait.For(child.Ended, "the end")).ToString());
        child.Terminate();
    }

    [Fact]
    public void Start_OfNoProgram_Throws() =>
        Assert.Throws<Win32Exception>(() => ChildProcess.Start("/no/such/program", ["program"], Nothing, [], detached: false));

    private static ChildProcess Start(string script, Dictionary<string, string> environment, params int[] descriptors) =>
        ChildProcess.Start("/bin/bash", ["bash", "-c", script], environment, descriptors, detached: false);
}
