using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>
/// Reads what a worker writes, until it and all that inherited its pipe have ended, on a thread of its own: neither the
/// loop nor another worker waits for one that writes much, or for a log that is slow.
/// </summary>
internal sealed class OutputReader
{
    /// <summary>The longest line in bytes; a longer one is passed on in pieces.</summary>
    internal const int LongestLine = 8 * 1024;

    private readonly SafeFileHandle _pipe;
    private readonly IWorkerOutput _output;
    private readonly string _worker;
    private readonly int _processId;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal OutputReader(SafeFileHandle pipe, IWorkerOutput output, string worker, int processId)
    {
        _pipe = pipe;
        _output = output;
        _worker = worker;
        _processId = processId;
    }

    /// <summary>Ends when all was read.</summary>
    internal Task Ended => _ended.Task;

    internal void Start() => new Thread(Run) { Name = $"output {_worker}", IsBackground = true }.Start();

    private void Run()
    {
        try
        {
            using FileStream stream = new(_pipe, FileAccess.Read, bufferSize: 0);
            byte[] buffer = new byte[LongestLine];
            int length = 0;
            while (stream.Read(buffer, length, buffer.Length - length) is var count and > 0)
            {
                length += count;
                int used = PassOn(buffer.AsSpan(0, length));
                buffer.AsSpan(used, length - used).CopyTo(buffer);
                length -= used;
            }

            if (length > 0)
            {
                _output.OnLine(_worker, _processId, buffer.AsSpan(0, length));
            }
        }
        catch (IOException)
        {
            // Nothing more can be read; the worker's end is reported elsewhere.
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private int PassOn(ReadOnlySpan<byte> bytes)
    {
        int used = 0;
        while (bytes[used..].IndexOf((byte)'\n') is var end and >= 0)
        {
            _output.OnLine(_worker, _processId, bytes.Slice(used, end).TrimEnd((byte)'\r'));
            used += end + 1;
        }

        if (used == 0 && bytes.Length == LongestLine)
        {
            _output.OnLine(_worker, _processId, bytes);
            used = bytes.Length;
        }

        return used;
    }
}
