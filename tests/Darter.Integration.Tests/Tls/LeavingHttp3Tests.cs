using System.Net.Quic;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Tls;

/// <summary>Clients of HTTP/3 that leave in the middle of it: nothing of them may stay, and nothing may wait for them.</summary>
public class LeavingHttp3Tests(ServerPool pool) : ServerTest(pool)
{
    private const int Clients = 300;

    /// <summary>No field section is small enough for it.</summary>
    private static readonly byte[] s_noFields = [6, 0];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("wsgi")]
    [InlineData("asgi")]
    public async Task Clients_ThatLeaveAtAnyMoment_HoldNothingUp(string application)
    {
        Http3Client.Require();
        Gate gate = OpenGate();
        string folder = TemporaryFolder();
        string socket = Path.Combine(folder, "control.sock");
        string certificate = new TestCertificates(folder, "authority").Issue("server.pem", "CN=server", "localhost");
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = application == "wsgi" ? App("protocols") : Path.Combine(RepositoryPaths.AsgiApp("protocols"), "app.py"),
            Workers = 1,

            // What a client left behind would keep the server for longer than the test waits for its end.
            Arguments = ["--certfile", certificate, "--http3", "--control-socket", socket, "--graceful-timeout", "600"],
        });
        int endless = 0;
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, async (number, _) =>
        {
            await using RawQuicConnection connection = await RawQuicConnection.OpenAsync(server, number / 6 % 2 == 0 ? [] : s_noFields);
            if (await LeaveAsync(connection, number % 6, gate.Port))
            {
                Interlocked.Increment(ref endless);
            }
        });
        for (int left = endless; left > 0; left--)
        {
            await gate.ReachedAsync("closed");
        }

        foreach (string version in (string[])["1.1", "2.0", "3.0"])
        {
            using HttpClient client = Http3Client.Create(server, version, out _);
            Assert.Contains("localhost", await client.GetStringAsync(new Uri("/environ?localhost", UriKind.Relative), Cancellation), StringComparison.Ordinal);
        }

        CommandResult status = await Command.RunAsync(RepositoryPaths.Executable, ["status", "--json", "--control", socket]);
        Assert.Equal((0, ""), (status.ExitCode, status.Errors));
        Assert.Equal(server.Pid, JsonDocument.Parse(status.Output).RootElement.GetProperty("pid").GetInt32());
        server.Send(Signal.Terminate);
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.DoesNotContain("CRITICAL", server.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("ERROR", server.Log.Text, StringComparison.Ordinal);
    }

    /// <summary>Makes a request and leaves in one of six ways. Whether the application's endless answer had begun.</summary>
    private static async Task<bool> LeaveAsync(RawQuicConnection connection, int way, int port)
    {
        string target = way is 3 or 4 ? $"/endless?port={port}" : "/environ";
        QuicStream stream = await connection.BeginAsync(target, way == 5 ? 1000 : null);
        switch (way)
        {
            case 0:
                Assert.True(await RawQuicConnection.ReadToEndAsync(stream) > 100);
                break;
            case 1:
                break;
            case 2:
                // The first byte: the rest of the response is under way.
                await stream.ReadExactlyAsync(new byte[1], Cancellation);
                break;
            case 3:
                await stream.ReadExactlyAsync(new byte[10_000], Cancellation);
                break;
            case 4:
                // The response alone, or the connection with it.
                await stream.ReadExactlyAsync(new byte[10_000], Cancellation);
                stream.Abort(QuicAbortDirection.Both, 0x10C);
                return true;
            default:
                try
                {
                    await RawQuicConnection.SendAsync(stream, new byte[10]);
                }
                catch (QuicException refused) when (refused.QuicError == QuicError.StreamAborted)
                {
                    // The application has answered without the body.
                }

                break;
        }

        await connection.CloseAsync();
        return way == 3;
    }
}
