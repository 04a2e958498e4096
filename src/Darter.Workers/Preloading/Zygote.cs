using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Preloading;

/// <summary>
/// A Python process that has loaded the application, and not our library, and forks workers which share its memory
/// copy-on-write. One thread uses it, but for <see cref="Dispose"/> and the reaping of workers.
/// </summary>
internal sealed class Zygote : IDisposable
{
    // It answers as soon as it has forked; a thread of the application that keeps the interpreter's lock could keep it.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly DescriptorSocket _socket;

    private Zygote(Process process, DescriptorSocket socket)
    {
        _process = process;
        _socket = socket;
    }

    /// <summary>Starts one; it loads the application meanwhile.</summary>
    /// <exception cref="Win32Exception">The interpreter cannot be started.</exception>
    internal static Zygote Start(WorkerPoolConfig config, WorkerOutputs outputs)
    {
        (SafeFileHandle front, SafeFileHandle zygote) = SocketPair.Create(Libc.SOCK_SEQPACKET);
        DescriptorSocket socket = new(front);
        List<SafeFileHandle> inherited = [zygote];
        SafeFileHandle? output = null;
        try
        {
            if (WorkerOutputs.CreatePipe(config) is var (read, write))
            {
                output = read;
                inherited.Add(write);
            }

            ZygoteSettings settings = new()
            {
                Socket = (int)zygote.DangerousGetHandle(),
                Target = config.Target,
                Interface = config.Interface,
                Path = WorkerSettings.PathOf(config),
                Output = WorkerOutputs.Settings(config, () => (int)inherited[1].DangerousGetHandle()),
                Title = config.ProcessName is { } name ? $"darter: worker [{name}]" : null,
            };
            string json = JsonSerializer.Serialize(settings, ZygoteJson.Default.ZygoteSettings);
            Process process = PythonStart.Run(config, "DARTER_ZYGOTE", json, "preload", inherited);
            if (output is not null)
            {
                outputs.Read(output, config.OutputTo!, "preload", process.Id);
            }

            return new Zygote(process, socket);
        }
        catch
        {
            socket.Dispose();
            output?.Dispose();
            throw;
        }
        finally
        {
            inherited.ForEach(handle => handle.Dispose());
        }
    }

    /// <summary>Waits until the application is loaded: says which threads it started. An import may take for ever.</summary>
    /// <exception cref="WorkerStartException">It did not load; the message says why.</exception>
    internal string[] WaitUntilLoaded()
    {
        ZygoteAnswer? answer = Receive(time: null);
        if (answer is { Ready: true })
        {
            return answer.Threads;
        }

        if (answer is not null)
        {
            throw new WorkerStartException(answer.Failed ?? answer.Error ?? "The process for --preload answered nothing that makes sense.");
        }

        _process.WaitForExit();
        throw new WorkerStartException($"The process for --preload ended before the application was loaded ({new ExitStatus(_process.ExitCode)}).");
    }

    /// <summary>Forks a worker that gets these descriptors; returns its process id.</summary>
    /// <exception cref="IOException">The zygote is gone, does not answer or could not fork.</exception>
    internal int Fork(WorkerSettings settings, ReadOnlySpan<int> descriptors)
    {
        while (descriptors.Length > DescriptorSocket.MaxDescriptors)
        {
            Send(new ZygoteOrder { More = true }, descriptors[..DescriptorSocket.MaxDescriptors]);
            descriptors = descriptors[DescriptorSocket.MaxDescriptors..];
        }

        Send(new ZygoteOrder { Fork = settings }, descriptors);
        ZygoteAnswer? answer = Receive(AnswerTime);
        return answer?.Forked ?? throw new IOException($"the process for --preload could not fork: {answer?.Error ?? "it has ended"}");
    }

    /// <summary>The end of a worker is known. Any thread.</summary>
    internal void Reap(int worker)
    {
        try
        {
            Send(new ZygoteOrder { Reap = worker }, []);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Without a parent it is reaped by the system.
        }
    }

    /// <summary>Ends the process; who waits for it hears of that.</summary>
    internal void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    /// <summary>Ends the zygote. Its workers go on.</summary>
    public void Dispose()
    {
        Kill();
        _socket.Dispose();
        _process.Dispose();
    }

    private void Send(ZygoteOrder order, ReadOnlySpan<int> descriptors) =>
        _socket.Send(JsonSerializer.SerializeToUtf8Bytes(order, ZygoteJson.Default.ZygoteOrder), descriptors);

    private ZygoteAnswer? Receive(TimeSpan? time)
    {
        byte[] message;
        try
        {
            message = _socket.Receive(time);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }

        try
        {
            return message.Length == 0 ? null : JsonSerializer.Deserialize(message, ZygoteJson.Default.ZygoteAnswer);
        }
        catch (JsonException exception)
        {
            throw new IOException("the process for --preload sent something that is no answer", exception);
        }
    }
}
