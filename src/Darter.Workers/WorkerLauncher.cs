using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Darter.Wire;

namespace Darter.Workers;

/// <summary>
/// Starts worker processes, one after another, on a thread of its own that lives as long as the front: a worker asks the
/// kernel to be killed when the thread that started it ends, and starting takes milliseconds a loop does not have.
/// </summary>
internal sealed class WorkerLauncher : IWorkerLauncher
{
    private readonly WorkerPoolConfig _config;
    private readonly WorkerOutputs _outputs;
    private readonly BlockingCollection<(int Number, Action<WorkerLaunch> Done)> _orders = [];

    internal WorkerLauncher(WorkerPoolConfig config, WorkerOutputs outputs)
    {
        _config = config;
        _outputs = outputs;
        new Thread(Run) { Name = "darter-launcher", IsBackground = true }.Start();
    }

    /// <inheritdoc/>
    public void Launch(int number, Action<WorkerLaunch> done) => _orders.Add((number, done));

    /// <inheritdoc/>
    public void Abandon()
    {
        // Starting a process takes milliseconds; the supervisor kills those that load.
    }

    /// <inheritdoc/>
    public void Dispose() => _orders.CompleteAdding();

    private void Run()
    {
        foreach ((int number, Action<WorkerLaunch> done) in _orders.GetConsumingEnumerable())
        {
            WorkerLaunch launch;
            try
            {
                launch = Start(number);
            }
            catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
            {
                launch = new WorkerLaunch { Error = exception.Message };
            }

            done(launch);
        }
    }

    private WorkerLaunch Start(int number)
    {
        byte[] token = RandomNumberGenerator.GetBytes(ChannelFormat.TokenSize);
        using WorkerEnds ends = new(_config);
        WorkerSettings settings = WorkerSettings.Create(_config, number, token, place => (int)ends.Worker[place].DangerousGetHandle());
        string json = JsonSerializer.Serialize(settings, WorkerSettingsJson.Default.WorkerSettings);
        Process process = PythonStart.Run(_config, "DARTER_WORKER", json, "worker", ends.Worker);
        return ends.TakeFront(new ChildWorkerProcess(process), token, _outputs, _config, number);
    }
}
