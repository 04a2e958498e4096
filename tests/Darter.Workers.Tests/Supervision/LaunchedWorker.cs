using System.Diagnostics;
using System.Text;
using Darter.Wire;

namespace Darter.Workers.Tests.Supervision;

/// <summary>A worker that the supervisor has started: the test plays it. Its process does nothing.</summary>
internal sealed class LaunchedWorker(Process process, FakeWorker channel, byte[] token, int number, int generation) : IDisposable
{
    // The supervisor disposes of the process when it has ended.
    private readonly StreamWriter _input = process.StandardInput;

    /// <summary>Its channel.</summary>
    public FakeWorker Channel => channel;

    public int Number => number;

    public int Generation => generation;

    public int ProcessId { get; } = process.Id;

    /// <summary>Whether its process has ended.</summary>
    public bool HasEnded
    {
        get
        {
            try
            {
                string stat = File.ReadAllText($"/proc/{ProcessId}/stat");
                return stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';
            }
            catch (IOException)
            {
                return true;
            }
        }
    }

    /// <summary>Says hello.</summary>
    public void Greet() => channel.Hello(token, ready: false);

    /// <summary>Says that the application is loaded.</summary>
    public void BecomeReady(ApplicationInterface application = ApplicationInterface.Wsgi)
    {
        Greet();
        channel.Write(FrameType.Ready, FrameFlags.None, 0, [(byte)application, .. "3.11"u8]);
    }

    /// <summary>Says that the application does not load, and ends.</summary>
    public void Fail(string reason)
    {
        Greet();
        channel.Write(FrameType.Failed, FrameFlags.None, 0, Encoding.UTF8.GetBytes(reason));
        Leave();
    }

    /// <summary>Dies.</summary>
    public void Crash() => Process.GetProcessById(ProcessId).Kill();

    /// <summary>Ends in order.</summary>
    public void Leave()
    {
        channel.Socket.Close();
        _input.Close();
    }

    /// <summary>Answers a request with the number of the worker's generation.</summary>
    public void Answer()
    {
        (uint stream, _) = channel.ReadRequest();
        channel.Respond(stream, $"{generation}");
    }

    public void Dispose() => channel.Dispose();
}
