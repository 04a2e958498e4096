using System.Globalization;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>Applications of one server that run as different users.</summary>
public sealed class ApplicationUserTests(ServerPool pool) : ServiceTest(pool)
{
    private const string Application = """
        import json
        import os

        import darter
        import darter.cache


        def application(environ, start_response):
            if environ["PATH_INFO"] == "/keep":
                darter.cache.set("who", os.environ["USER"])
            elif environ["PATH_INFO"] == "/publish":
                darter.publish("news", "hello")
            body = {
                "uid": os.getresuid(),
                "gid": os.getresgid(),
                "groups": os.getgroups(),
                "home": os.environ["HOME"],
                "user": os.environ["USER"],
                "pid": os.getpid(),
                "kept": darter.cache.get("who"),
                "regains": regains(),
            }
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(body).encode()]


        def regains():
            try:
                os.setresuid(0, 0, 0)
            except PermissionError:
                return False
            return True
        """;

    private const string Site = """
        bind = ["127.0.0.1:0"]
        workers = 1
        python = "PYTHON"
        control_socket = "FOLDER/control.sock"
        user = "www-data"

        [apps.one]
        target = "app:application"
        user = "nobody"
        group = "daemon"
        preload = true

        [apps.two]
        target = "app:application"
        user = "nobody"
        initgroups = true

        [apps.three]
        target = "app:application"

        [[routes]]
        path = "/one/*"
        app = "one"
        mount = "/one"

        [[routes]]
        path = "/two/*"
        app = "two"
        mount = "/two"

        [[routes]]
        app = "three"
        """;

    [Fact]
    public async Task EachApplication_RunsAsItsUser_AndReachesWhatWorkersShare()
    {
        Require.Root();
        string folder = await FolderAsync();
        DarterServer server = await LaunchAsync(folder);
        Assert.Contains(server.Log.Lines(), line => line.Contains("The front stays root", StringComparison.Ordinal));
        await CheckAsync(server.Address);

        // After a reload, and after an upgrade, it is no different.
        Assert.Equal(0, (await DarterAsync(folder, "reload")).ExitCode);
        await CheckAsync(server.Address);
        Assert.Equal(0, (await DarterAsync(folder, "upgrade")).ExitCode);
        await CheckAsync(server.Address);
        CommandResult status = await DarterAsync(folder, "status", "--json");
        int front = JsonDocument.Parse(status.Output).RootElement.GetProperty("pid").GetInt32();
        await EndAsync(server, front);
    }

    [Fact]
    public async Task Users_WithoutRoot_AreAnErrorOfTheFile()
    {
        Require.Root();
        string folder = await FolderAsync();
        foreach (string command in (string[])["run", "check"])
        {
            CommandResult result = await Command.RunAsync(
                "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--", RepositoryPaths.Executable, command, "-c", Path.Combine(folder, "darter.toml")], folder);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("darter.toml:9: ", result.Errors, StringComparison.Ordinal);
            Assert.Contains("an application runs as a user of its own only if root has started the server", result.Errors, StringComparison.Ordinal);
        }
    }

    private static async Task CheckAsync(ServerAddress address)
    {
        uint nobody = await NumberAsync("-u", Nobody);
        uint www = await NumberAsync("-u", "www-data");
        uint daemon = await NumberAsync("-g", "daemon");
        foreach ((string path, uint user, uint group, string name) in ((string, uint, uint, string)[])
            [("/one", nobody, daemon, Nobody), ("/two", nobody, await NumberAsync("-g", Nobody), Nobody), ("", www, await NumberAsync("-g", "www-data"), "www-data")])
        {
            JsonElement worker = await AskAsync(address, $"{path}/keep");
            Assert.Equal($"[{user}, {user}, {user}]", worker.GetProperty("uid").GetRawText());
            Assert.Equal($"[{group}, {group}, {group}]", worker.GetProperty("gid").GetRawText());
            Assert.Equal([(int)group], worker.GetProperty("groups").EnumerateArray().Select(number => number.GetInt32()));
            Assert.Equal(name, worker.GetProperty("user").GetString());
            Assert.False(worker.GetProperty("regains").GetBoolean());
            Assert.NotEqual("/root", worker.GetProperty("home").GetString());
            string status = await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{worker.GetProperty("pid").GetInt32()}/status"), Cancellation);
            foreach (string set in (string[])["CapInh", "CapPrm", "CapEff", "CapAmb"])
            {
                Assert.Contains($"{set}:\t0000000000000000\n", status, StringComparison.Ordinal);
            }

            // The values of all applications are the same, and so is where they publish.
            Assert.Equal(name, (await AskAsync(address, "/two/publish")).GetProperty("kept").GetString());
        }
    }

    private static async Task<JsonElement> AskAsync(ServerAddress address, string target)
    {
        RawResponse response = await RawConnection.ExchangeAsync(address, Get(target));
        Assert.True(response.Status == 200, response.Text);
        return response.Json;
    }

    private static async Task<uint> NumberAsync(string kind, string name) =>
        uint.Parse((await Command.RunAsync("id", [kind, name])).Output.Trim(), CultureInfo.InvariantCulture);

    private static Task<CommandResult> DarterAsync(string folder, params string[] arguments) =>
        Command.RunAsync(RepositoryPaths.Executable, [.. arguments, "--control", Path.Combine(folder, "control.sock")]);

    private async Task<DarterServer> LaunchAsync(string folder)
    {
        DarterServer server = Launch(new DarterServerOptions { Target = null, Binds = [], Workers = null, NamePython = false, WorkingDirectory = folder });
        await server.Log.WaitForAsync("Ready:");
        await Wait.Until(() => server.Addresses.Count == 1, () => server.Describe());
        return server;
    }

    /// <summary>A site that a user without rights can read, wherever the checkout lies.</summary>
    private async Task<string> FolderAsync()
    {
        string folder = TemporaryFolder();
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        Assert.SkipUnless(
            IsOpen(RepositoryPaths.Executable) && IsOpen(PythonInterpreters.Default.Path), "Only root can read the checkout or the interpreter.");
        await File.WriteAllTextAsync(Path.Combine(folder, "app.py"), Application, Cancellation);
        string site = Site.Replace("PYTHON", PythonInterpreters.Default.Path, StringComparison.Ordinal).Replace("FOLDER", folder, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "darter.toml"), site, Cancellation);
        return folder;
    }
}
