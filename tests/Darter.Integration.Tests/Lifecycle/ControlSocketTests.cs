using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>The control socket: where it is, who may use it, and what it answers.</summary>
public class ControlSocketTests(ServerPool pool) : LifecycleTest(pool)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string Runtime => Path.Combine(Folder, "runtime");

    private string DefaultFolder => Path.Combine(Runtime, "darter");

    [Fact]
    public async Task Socket_OfADefaultServer_IsItsUsersAlone_AndGoesWithIt()
    {
        DarterServer server = await StartDefaultAsync();
        string socket = Path.Combine(DefaultFolder, $"{server.Pid}.sock");
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(DefaultFolder));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(socket));
        Assert.Equal(0, await server.StopAsync());
        Assert.Empty(Directory.GetFileSystemEntries(DefaultFolder));
    }

    [Fact]
    public async Task StaleSockets_AreRemovedByTheNextServer()
    {
        Directory.CreateDirectory(DefaultFolder, OwnerOnly | UnixFileMode.UserExecute);
        DarterServer killed = await StartDefaultAsync();
        killed.Send(Signal.Kill);
        await killed.WaitForExitAsync();
        string stale = Path.Combine(DefaultFolder, $"{killed.Pid}.sock");
        string foreign = Path.Combine(DefaultFolder, "notes.txt");
        Assert.True(File.Exists(stale));
        Assert.True(File.Exists(Path.ChangeExtension(stale, ".publish")));
        await File.WriteAllTextAsync(foreign, "", Cancellation);

        DarterServer server = await StartDefaultAsync();

        Assert.Equal(
            [
                Path.Combine(DefaultFolder, $"{server.Pid}.cache"), Path.Combine(DefaultFolder, $"{server.Pid}.publish"),
                Path.Combine(DefaultFolder, $"{server.Pid}.sock"), foreign,
            ],
            Directory.GetFileSystemEntries(DefaultFolder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task FolderThatIsALink_IsNotUsed()
    {
        string elsewhere = Path.Combine(Folder, "elsewhere");
        Directory.CreateDirectory(elsewhere, OwnerOnly | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Runtime);
        Directory.CreateSymbolicLink(DefaultFolder, elsewhere);
        await StartDefaultAsync();
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public async Task FolderThatIsOpenToOthers_IsNotUsed()
    {
        Directory.CreateDirectory(Runtime);
        Directory.CreateDirectory(DefaultFolder);
        File.SetUnixFileMode(DefaultFolder, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        await StartDefaultAsync();
        Assert.Empty(Directory.GetFileSystemEntries(DefaultFolder));
    }

    [Fact]
    public async Task NamedSocket_OfAServerThatWasKilled_IsReplaced()
    {
        DarterServer killed = await StartAsync("wsgi");
        killed.Send(Signal.Kill);
        await killed.WaitForExitAsync();
        Assert.True(File.Exists(Socket));
        DarterServer server = await StartAsync("wsgi");
        Assert.Equal(server.Pid, (int)(await StatusAsync())["pid"]!);
        Assert.Equal(0, await server.StopAsync());
        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public async Task NamedSocket_OfARunningServer_IsAnError()
    {
        await StartAsync("wsgi");
        DarterServer second = Launch(Options("wsgi"));
        Assert.Equal(1, await second.WaitForExitAsync());
        Assert.Contains($"--control-socket: cannot listen at '{Socket}'", second.Log.Text, StringComparison.Ordinal);
        Assert.Equal("ready", (string)(await StatusAsync())["state"]!);
    }

    [Theory]
    [InlineData("0660", "rw-rw----")]
    [InlineData("0o606", "rw----rw-")]
    public async Task Mode_IsThatOfTheOption(string mode, string expected)
    {
        await StartAsync("wsgi", 1, "--control-socket-mode", mode);
        CommandResult listing = Command.Run("ls", ["-l", Socket]);
        Assert.StartsWith($"s{expected}", listing.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--control-socket-mode", "0888")]
    [InlineData("--control-socket-mode", "01777")]
    [InlineData("--graceful-stream-timeout", "-1")]
    public async Task Option_WithAWrongValue_IsAnError(string option, string value)
    {
        DarterServer server = Launch(Options("wsgi", 1, option, value));
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains(option, server.Log.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public async Task NoControlSocket_HasNone()
    {
        DarterServer server = await StartDefaultAsync("--no-control-socket");
        Assert.Empty(Directory.GetFiles(DefaultFolder, "*.sock"));
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task AnotherUser_IsRefused_EvenIfTheSocketIsOpenedLater()
    {
        Assert.SkipUnless(Environment.UserName == "root" && Command.Exists("setpriv"), "Only root can become another user, with setpriv: apt-get install util-linux");
        DarterServer server = await StartAsync("wsgi");
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        CommandResult closed = await AsNobodyAsync();
        Assert.Contains("Permission denied", closed.Errors, StringComparison.Ordinal);

        File.SetUnixFileMode(Socket, File.GetUnixFileMode(Socket) | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        CommandResult refused = await AsNobodyAsync();

        Assert.Contains("HTTP/1.1 403", refused.Output, StringComparison.Ordinal);
        Assert.Contains("only the server's own user and root", refused.Output, StringComparison.Ordinal);
        await server.Log.WaitForAsync("Control socket: refused process");
        Assert.False(server.HasExited);
    }

    [Fact]
    public async Task AnotherUser_IsLetIn_IfTheModeSaysSo()
    {
        Assert.SkipUnless(Environment.UserName == "root" && Command.Exists("setpriv"), "Only root can become another user, with setpriv: apt-get install util-linux");
        await StartAsync("wsgi", 1, "--control-socket-mode", "0666");
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        Assert.Contains("HTTP/1.1 202", (await AsNobodyAsync()).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/nothing", "", 404)]
    [InlineData("GET", "/reload", "", 405)]
    [InlineData("POST", "/status", "", 405)]
    [InlineData("POST", "/scale", "", 400)]
    [InlineData("POST", "/scale", "nonsense", 400)]
    [InlineData("POST", "/scale", """{"workers": 0}""", 400)]
    [InlineData("POST", "/scale", """{"workers": -1}""", 400)]
    [InlineData("POST", "/scale", """{"workers": "3"}""", 400)]
    [InlineData("POST", "/stop", "nonsense", 400)]
    [InlineData("POST", "/upgrade", "", 422)]
    [InlineData("GET", "/livez", "", 200)]
    [InlineData("GET", "/readyz", "", 200)]
    public async Task Request_ThatCannotBeDone_IsAnswered(string method, string target, string body, int status)
    {
        DarterServer server = await StartAsync("wsgi");
        Break();
        RawResponse response = await ControlAsync(method, target, body);
        Assert.Equal(status, response.Status);
        if (status >= 400)
        {
            Assert.NotEmpty((string)System.Text.Json.Nodes.JsonNode.Parse(response.Text)!["error"]!);
        }

        Assert.Equal("1:ready", await WorkersAsync());
        Assert.False(server.HasExited);
    }

    [Fact]
    public async Task Readiness_FailsFromTheMomentTheServerIsToStop()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("wsgi", 1, "--graceful-timeout", "1000");
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        server.Send(Signal.Terminate);
        await Wait.Until(async () => (await ControlAsync("GET", "/readyz")).Status == 503, () => "the server not to be ready");
        Assert.Equal("draining\n", (await ControlAsync("GET", "/readyz")).Text);
        Assert.Equal("draining", (string)(await StatusAsync())["state"]!);
        arrival.Release();
        Assert.Equal(200, (await running).Status);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    private Task<DarterServer> StartDefaultAsync(params string[] arguments)
    {
        Directory.CreateDirectory(Runtime);
        return StartAsync(Options("wsgi") with
        {
            Arguments = arguments,
            Environment = new Dictionary<string, string?> { ["XDG_RUNTIME_DIR"] = Runtime },
        });
    }

    /// <summary>Asks the server to stop, as the user "nobody".</summary>
    private Task<CommandResult> AsNobodyAsync() => Command.RunAsync(
        "setpriv",
        [
            "--reuid", "65534", "--regid", "65534", "--clear-groups", "/usr/bin/python3", "-c",
            $"""
            import socket
            connection = socket.socket(socket.AF_UNIX)
            connection.connect({$"'{Socket}'"})
            connection.sendall(b"POST /stop HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            print(connection.recv(65536).decode())
            """,
        ]);
}
