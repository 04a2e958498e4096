using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>Who front and workers run as.</summary>
public class PrivilegeTests(ServerPool pool) : ServiceTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [InlineData(Nobody, null, "nobody")]
    [InlineData(Nobody, "www-data", "www-data")]
    [InlineData("12345", "54321", "54321")]
    public async Task User_GivenByRoot_IsThatOfEveryThreadAndWorker(string user, string? group, string expectedGroup)
    {
        Require.Root();
        string[] arguments = group is null ? ["--user", user] : ["-u", user, "-g", group];
        DarterServer server = await StartAsync(OpenOptions(arguments) with { Workers = 2 });
        uint uid = await NumberAsync("-u", user);
        uint gid = uint.TryParse(expectedGroup, out uint number) ? number : await NumberAsync("-g", Nobody, expectedGroup);
        foreach (int process in (int[])[server.Pid, .. server.Workers])
        {
            foreach (string task in Directory.GetDirectories($"/proc/{process}/task"))
            {
                string status = await File.ReadAllTextAsync(Path.Combine(task, "status"), Cancellation);
                Assert.Contains($"Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n", status, StringComparison.Ordinal);
                Assert.Contains($"Gid:\t{gid}\t{gid}\t{gid}\t{gid}\n", status, StringComparison.Ordinal);
                Assert.Contains($"Groups:\t{gid} \n", status, StringComparison.Ordinal);
            }
        }

        JsonElement worker = await AskAsync(server.Address);
        Assert.Equal($"[{uid}, {uid}, {uid}]", worker.GetProperty("uid").GetRawText());
    }

    [Fact]
    public async Task InitGroups_WithAUser_GivesItsGroups()
    {
        Require.Root();
        DarterServer server = await StartAsync(OpenOptions("--user", Nobody, "--group", "7", "--initgroups"));
        IEnumerable<int> groups = (await AskAsync(server.Address)).GetProperty("groups").EnumerateArray().Select(group => group.GetInt32());
        Assert.Contains(7, groups);
        Assert.DoesNotContain(0, groups);
    }

    [Fact]
    public async Task User_WithoutRightsForTheFolder_KeepsWhatRootOpened()
    {
        Require.Root();
        string folder = TemporaryFolder();
        string socket = Path.Combine(folder, "darter.sock");
        string pid = Path.Combine(folder, "darter.pid");
        DarterServer server = await StartAsync(OpenOptions("--user", Nobody, "--pid", pid) with { Binds = [$"unix:{socket}"] });
        Assert.Equal(server.Pid, ReadPid(pid));
        CommandResult owner = await Command.RunAsync("stat", ["-c", "%U", socket, pid]);
        Assert.Equal([Nobody, Nobody], owner.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await AskAsync(server.Address);
        Assert.Equal(0, await server.StopAsync());

        // The folder is root's: the file cannot be removed, but it does not say that a server runs.
        Assert.Equal(0, ReadPid(pid));
        DarterServer next = await StartAsync(OpenOptions("--user", Nobody, "--pid", pid) with { Binds = [$"unix:{socket}"] });
        Assert.Equal(next.Pid, ReadPid(pid));
    }

    [Theory]
    [InlineData("--user", "no-such-user")]
    [InlineData("--group", "no-such-group")]
    [InlineData("--user", "99999")]
    [InlineData("--umask", "rwx")]
    [InlineData("--umask", "01000")]
    [InlineData("--env", "NAME")]
    [InlineData("--env", "=VALUE")]
    public async Task Option_WithNonsense_EndsWithStatus1AndNamesIt(string option, string value)
    {
        DarterServer server = Launch(Options(option, value));
        Assert.Equal(1, await server.WaitForExitAsync());
        string line = Assert.Single(server.Log.Lines());
        Assert.Contains(option, line, StringComparison.Ordinal);
        Assert.Contains(value, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_GivenByNobody_EndsWithStatus1AndSaysWhy()
    {
        Require.Root();
        DarterServer server = Launch(OpenOptions("--user", "root") with
        {
            Launcher = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"],
        });
        Assert.Equal(1, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.Contains("--user", Assert.Single(server.Log.Lines(), line => line.Contains("[CRITICAL]", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>Files that a user without rights can read, wherever the checkout lies.</summary>
    private DarterServerOptions OpenOptions(params string[] arguments)
    {
        string folder = TemporaryFolder();
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        string target = Path.Combine(folder, "app.py");
        File.Copy(App("whoami"), target);
        Assert.SkipUnless(IsOpen(RepositoryPaths.Executable) && IsOpen(PythonInterpreters.Default.Path), "Only root can read the checkout or the interpreter.");
        return Options(arguments) with { Target = target };
    }

    private static async Task<uint> NumberAsync(string kind, string user, string? group = null)
    {
        if (uint.TryParse(user, out uint number) && group is null)
        {
            return number;
        }

        CommandResult result = group is null or "nobody"
            ? await Command.RunAsync("id", [kind, user])
            : await Command.RunAsync("sh", ["-c", $"getent group {group} | cut -d: -f3"]);
        return uint.Parse(result.Output.Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
