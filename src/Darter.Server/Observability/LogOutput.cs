namespace Darter.Server.Observability;

/// <summary>
/// A log's way to its destination: a bounded buffer and a thread that empties it. Whoever logs is never kept waiting by a
/// full disk or a slow reader; what does not fit is dropped, counted and reported.
/// </summary>
public sealed class LogOutput : IDisposable
{
    /// <summary>Bytes that may wait.</summary>
    internal const int Capacity = 4 * 1024 * 1024;

    // While entries come in numbers they are written in batches: whoever logs need not wake the thread each time.
    private static readonly TimeSpan Batch = TimeSpan.FromMilliseconds(10);

    private const string Slow = "it is not read or written as fast as it grows";

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(1);

    private readonly ILogSink _sink;
    private readonly LogTrouble _trouble;
    private readonly int _capacity;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private LogBatch _waiting = new();
    private LogBatch _writing = new();
    private int _dropped;
    private bool _idle;
    private bool _reopen;
    private bool _closing;

    /// <param name="name">Names the thread.</param>
    /// <param name="sink">The destination; disposed with this object.</param>
    /// <param name="trouble">Told of losses.</param>
    /// <param name="capacity">Bytes that may wait.</param>
    internal LogOutput(string name, ILogSink sink, LogTrouble trouble, int capacity = Capacity)
    {
        _sink = sink;
        _trouble = trouble;
        _capacity = capacity;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Takes an entry, unless there is no room: then it is lost. Never waits. Any thread.</summary>
    internal bool TryWrite(ReadOnlySpan<byte> entry)
    {
        lock (_gate)
        {
            if (_waiting.Length + entry.Length > _capacity || _closing)
            {
                if (_dropped++ == 0)
                {
                    // The thread may be kept waiting for long; whoever logs has no time to report.
                    ThreadPool.UnsafeQueueUserWorkItem(static output => output._trouble.OnLost(0, Slow), this, preferLocal: false);
                }

                return false;
            }

            Add(entry);
            return true;
        }
    }

    /// <summary>As <see cref="TryWrite"/>, but waits for room; for threads that have nothing else to do.</summary>
    internal void Write(ReadOnlySpan<byte> entry)
    {
        lock (_gate)
        {
            while (_waiting.Length > 0 && _waiting.Length + entry.Length > _capacity && !_closing)
            {
                Monitor.Wait(_gate);
            }

            if (!_closing)
            {
                Add(entry);
            }
        }
    }

    /// <summary>Has the destination opened anew, behind what waits to be written. Any thread.</summary>
    internal void Reopen()
    {
        lock (_gate)
        {
            _reopen = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Writes what waits, for a second at most, and ends the thread. A thread that a reader keeps waiting ends with the process.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join(EndTime);
    }

    private void Add(ReadOnlySpan<byte> entry)
    {
        _waiting.Add(entry);
        if (_idle || _waiting.Length > _capacity / 2)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (true)
        {
            int dropped;
            bool reopen;
            bool closing;
            lock (_gate)
            {
                _idle = true;
                while (_waiting.Count == 0 && !_reopen && !_closing && (!_trouble.IsOpen || _trouble.Left > TimeSpan.Zero))
                {
                    Monitor.Wait(_gate, _trouble.IsOpen ? _trouble.Left : Timeout.InfiniteTimeSpan);
                }

                _idle = false;
                (_waiting, _writing) = (_writing, _waiting);
                (dropped, _dropped) = (_dropped, 0);
                (reopen, _reopen) = (_reopen, false);
                closing = _closing;
                Monitor.PulseAll(_gate);
            }

            WriteBatch(dropped);
            if (reopen && _sink.Reopen() is { } error)
            {
                _trouble.OnReopenFailed(error);
            }

            lock (_gate)
            {
                _writing.Clear();
                Monitor.PulseAll(_gate);
                if (closing && _waiting.Count == 0)
                {
                    break;
                }

                if (!_closing && !_reopen && _waiting.Length <= _capacity / 2)
                {
                    Monitor.Wait(_gate, Batch);
                }
            }
        }

        _trouble.Close();
        _sink.Dispose();
    }

    private void WriteBatch(int dropped)
    {
        if (dropped > 0)
        {
            _trouble.OnLost(dropped, Slow);
        }

        LogLoss loss = _writing.Count == 0 ? default : _sink.Write(_writing.Bytes, _writing.Ends);
        if (loss.Entries > 0)
        {
            _trouble.OnLost(loss.Entries, loss.Reason!);
        }

        if (Volatile.Read(ref _dropped) == 0)
        {
            _trouble.Check();
        }
    }
}
