using System.Globalization;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>Deploys, good ones and bad ones, while clients work: none of them notices.</summary>
public class ReloadUnderLoadTests(ServerPool pool) : LifecycleTest(pool)
{
    private const int Connections = 64;
    private const int Reloads = 20;
    private const int Broken = 5;

    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task Reloads_UnderLoad_LoseNoRequest(string application)
    {
        DarterServer server = await StartAsync(application, workers: 2);
        await using ContinuousLoad load = new(server.Address, Connections);
        int version = 1;
        for (int round = 1; round <= Reloads; round++)
        {
            if (round % (Reloads / Broken) == 0)
            {
                Break();
                CommandResult result = await DarterAsync("reload");
                Assert.Equal(3, result.ExitCode);
                Assert.Contains("ValueError: broken on purpose", result.Errors, StringComparison.Ordinal);
            }
            else
            {
                SetVersion($"{++version}");
                await ReloadAsync();
            }

            string current = version.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(current, await VersionAsync(server));
            long before = load.Count(current);
            await Wait.Until(() => load.Count(current) > before + Connections, "the load to go on");
        }

        await load.StopAsync();
        Assert.Empty(load.Failures);
        Assert.All(Enumerable.Range(1, version), number => Assert.NotEqual(0, load.Count($"{number}")));
        Assert.Equal(Broken, CountLines(server, "Reload failed"));
        Assert.Equal(Broken, CountLines(server, "[ERROR]"));
        await WaitForWorkersAsync("1:ready 2:ready", server);
        TestContext.Current.TestOutputHelper?.WriteLine($"{load.Total} requests");
    }

    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task HangupsInABurst_UnderLoad_LoseNoRequestAndEndWithTheNewCode(string application)
    {
        DarterServer server = await StartAsync(application, workers: 2);
        await using ContinuousLoad load = new(server.Address, Connections);
        for (int version = 2; version <= 10; version++)
        {
            SetVersion($"{version}");
            int mark = server.Log.Count;
            server.Send(Signal.Hangup);
            await server.Log.WaitForAsync("Reloading: generation", mark);
        }

        await Wait.Until(async () => await VersionAsync(server) == "10", () => "the last version to be served");
        await load.StopAsync();
        Assert.Empty(load.Failures);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
        await WaitForWorkersAsync("1:ready 2:ready", server);
    }

    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task Scaling_UnderLoad_LosesNoRequest(string application)
    {
        DarterServer server = await StartAsync(application, workers: 1);
        await using ContinuousLoad load = new(server.Address, Connections);
        foreach (int workers in (int[])[3, 1, 2, 1])
        {
            Assert.Equal(200, (await ControlAsync("POST", "/scale", $$"""{"workers": {{workers}}}""")).Status);
            await WaitForWorkersAsync(string.Join(' ', Enumerable.Range(1, workers).Select(number => $"{number}:ready")), server);
        }

        await load.StopAsync();
        Assert.Empty(load.Failures);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }
}
