using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Darter.Gateway.Tests.Native;
using Darter.Wire;

namespace Darter.Gateway.Tests.Front;

/// <summary>A worker process with its channels. Disposing of it drains it, or kills it if the test has failed.</summary>
internal sealed class TestWorker : IDisposable
{
    public const string Token = "00112233445566778899aabbccddeeff";

    private static readonly Lock Starting = new();

    private readonly StringBuilder _errors = new();
    private readonly Process _process;
    private readonly TestChannel[] _channels;

    private TestWorker(Process process, TestChannel[] channels)
    {
        _process = process;
        _channels = channels;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
            {
                lock (_errors)
                {
                    _errors.AppendLine(line.Data);
                }
            }
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>The channel of the main thread.</summary>
    public TestChannel Channel => _channels[0];

    /// <summary>All channels.</summary>
    public IReadOnlyList<TestChannel> Channels => _channels;

    /// <summary>Its process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>What it has written to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Starts a worker with an application of these tests and waits until it is ready.</summary>
    public static TestWorker Start(string python, string app, int threads = 1, string target = "app")
    {
        TestWorker worker = Launch(python, Repository.App(app), target, threads);
        foreach (TestChannel channel in worker._channels)
        {
            channel.Open();
        }

        foreach (TestChannel channel in worker._channels)
        {
            TestFrame answer = channel.ReadFrame();
            Assert.True(answer.Type == FrameType.Ready, answer.Text);
        }

        return worker;
    }

    /// <summary>Starts a worker with an ASGI application of these tests and waits until it is ready.</summary>
    public static TestWorker StartAsgi(string python, string app, string target = "app", Dictionary<string, object>? settings = null, int threads = 1)
    {
        TestWorker worker = Launch(python, Repository.AsgiApp(app), target, threads, settings: settings);
        foreach (TestChannel channel in worker._channels)
        {
            channel.Open();
        }

        foreach (TestChannel channel in worker._channels)
        {
            TestFrame answer = channel.ReadFrame();
            Assert.True(answer.Type == FrameType.Ready, answer.Text);
            Assert.Equal(ApplicationInterface.Asgi, (ApplicationInterface)answer.Payload[0]);
        }

        return worker;
    }

    /// <summary>Starts a worker with an ASGI application that does not start. Returns what it says of that.</summary>
    public static string FailAsgi(string python, string app, string target = "app", Dictionary<string, object>? settings = null)
    {
        using TestWorker worker = Launch(python, Repository.AsgiApp(app), target, settings: settings);
        worker.Channel.Open();
        TestFrame failed = worker.Channel.ReadFrame();
        Assert.Equal(FrameType.Failed, failed.Type);
        Assert.Null(worker.Channel.TryReadFrame());
        Assert.Equal(3, worker.WaitForExit());
        return Encoding.UTF8.GetString(failed.Payload);
    }

    /// <summary>Starts a worker as the child of a shell: <see cref="Signal"/> hits the shell.</summary>
    public static TestWorker LaunchBelowAShell(string python, string folder, string target) =>
        Launch("/bin/sh", folder, target, arguments: ["-c", $"'{python}' '{Repository.Worker}'; true"]);

    /// <summary>Starts a worker and leaves its channels alone.</summary>
    public static TestWorker Launch(string python, string folder, string target, int threads = 1, string interfaceName = "auto", string[]? arguments = null, Dictionary<string, object>? settings = null)
    {
        TestChannel[] channels = [.. Enumerable.Range(0, threads).Select(_ => new TestChannel())];
        ProcessStartInfo start = new(python, arguments ?? [Repository.Worker])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["DARTER_WORKER"] = JsonSerializer.Serialize(new Dictionary<string, object>(settings ?? [])
        {
            ["library"] = Repository.Library,
            ["channels"] = channels.Select(channel => new { socket = channel.Socket.WorkerSocket, page = channel.Socket.PageDescriptor }).ToArray(),
            ["token"] = Token,
            ["target"] = target,
            ["interface"] = interfaceName,
            ["multiprocess"] = false,
            ["name"] = "worker 1",
            ["path"] = Array.Empty<string>(),
        });

        // One at a time, so that no worker inherits the sockets of another.
        lock (Starting)
        {
            foreach (TestChannel channel in channels)
            {
                channel.Socket.SetInheritable(true);
            }

            Process process = Process.Start(start)!;
            foreach (TestChannel channel in channels)
            {
                channel.Socket.CloseWorkerEnd();
            }

            return new TestWorker(process, channels);
        }
    }

    /// <summary>Drains all channels and waits for the end. Returns the exit status.</summary>
    public int Drain()
    {
        foreach (TestChannel channel in _channels)
        {
            channel.Send(FrameType.Drain, 0, []);
        }

        return WaitForExit();
    }

    /// <summary>Waits for the end of the process. Returns the exit status; that of a signal is above 128.</summary>
    public int WaitForExit()
    {
        if (!_process.WaitForExit(20_000))
        {
            throw new TimeoutException("The worker does not end.");
        }

        // Once more, without a limit: for the last lines of standard error.
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int number) => Assert.Equal(0, LibC.kill(_process.Id, number));

    public void Dispose()
    {
        foreach (TestChannel channel in _channels)
        {
            channel.Dispose();
        }

        if (!_process.HasExited && !_process.WaitForExit(5_000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
