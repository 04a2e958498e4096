using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Logs;

/// <summary>Logs that cannot be written: requests are served all the same.</summary>
public partial class LogFailureTests(ServerPool pool) : LogTest(pool)
{
    [Fact]
    public async Task AccessLog_OnAFullDisk_IsReportedAndServingGoesOn()
    {
        DarterServer server = await StartAsync("--access-logfile", "/dev/full");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await AskAsync(server, "/")).Status);
        }

        await server.Log.WaitForAsync("The access log '/dev/full' loses entries: No space left on device");
        Assert.Matches("lost 5 entries", await server.Log.WaitForAsync("The access log '/dev/full' lost"));
    }

    [Fact]
    public async Task ErrorLog_OnAFullDisk_IsReportedOnStandardErrorAndServingGoesOn()
    {
        DarterServer server = Launch(new DarterServerOptions { Target = App("logs"), Binds = [$"unix:{Path.Combine(TemporaryFolder(), "a.sock")}"], Arguments = ["--error-logfile", "/dev/full"] });
        await server.Log.WaitForAsync("darter: The error log '/dev/full' loses entries: No space left on device");
        ServerAddress address = ServerAddress.Parse($"Listening at: {server.Options.Binds[0]} (1)")!;
        await Wait.Until(() => IsAnsweredAsync(address), () => "an answer");
    }

    [Fact]
    public async Task AccessLog_WhosePipeNobodyReads_DropsLinesAndSaysHowMany()
    {
        const int Requests = 400;
        string pipe = Path.Combine(TemporaryFolder(), "access");
        Assert.Equal(0, (await Command.RunAsync("mkfifo", [pipe])).ExitCode);

        // Read and write, so that opening waits for nobody.
        await using FileStream reader = new(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        DarterServer server = await StartAsync("--access-logfile", pipe, "--access-logformat", "%(a)s%(a)s%(a)s%(a)s");
        string request = Get("/", $"User-Agent: {new string('x', 8000)}\r\n");
        await using (RawConnection connection = await RawConnection.OpenAsync(server.Address))
        {
            for (int i = 0; i < Requests; i++)
            {
                await connection.WriteAsync(request);
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            }
        }

        await server.Log.WaitForAsync("loses entries: it is not read or written as fast as it grows");
        int lines = 0;
        bool isOver = false;
        Task reading = Task.Run(
            () =>
            {
                byte[] buffer = new byte[64 * 1024];
                while (!Volatile.Read(ref isOver))
                {
                    int count = reader.Read(buffer);
                    Interlocked.Add(ref lines, buffer.AsSpan(0, count).Count((byte)'\n'));
                }
            },
            Cancellation);
        try
        {
            string line = await server.Log.WaitForAsync(LostEntries());
            int lost = int.Parse(LostEntries().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
            Assert.InRange(lost, 1, Requests - 1);
            await Wait.Until(() => Volatile.Read(ref lines) == Requests - lost, () => $"{Requests} - {lost} lines; there are {lines}");
        }
        finally
        {
            // A pipe that was opened for both has no end: the reader waits for one more byte.
            Volatile.Write(ref isOver, true);
            reader.WriteByte(0);
            await reading;
        }
    }

    [Theory]
    [InlineData("--access-logfile")]
    [InlineData("--error-logfile")]
    public async Task Log_WhereNoFileCanBe_EndsTheStartWithStatus1(string option)
    {
        DarterServer server = Launch(new DarterServerOptions { Target = App("logs"), Arguments = [option, "/no/such/folder/a.log"] });
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains($"darter: {option}: cannot open '/no/such/folder/a.log': No such file or directory", server.Log.Text, StringComparison.Ordinal);
    }

    private static async Task<bool> IsAnsweredAsync(ServerAddress address)
    {
        try
        {
            return (await RawConnection.ExchangeAsync(address, Get("/"))).Status == 200;
        }
        catch (SocketException)
        {
            // It does not listen yet.
            return false;
        }
    }

    [GeneratedRegex(@" lost (\d+) entr")]
    private static partial Regex LostEntries();
}
