using System.Text;
using Darter.Server.Observability;

namespace Darter.Server.Tests.Observability;

/// <summary>A destination that keeps entries, and that the test can make slow or broken.</summary>
internal sealed class CollectingSink : ILogSink
{
    private readonly object _gate = new();
    private readonly List<string> _entries = [];
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private readonly ManualResetEventSlim _entered = new();

    /// <summary>What is wrong with it; entries are lost meanwhile.</summary>
    public string? Error { get; set; }

    public int Reopened { get; private set; }

    public IReadOnlyList<string> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Keeps whoever writes waiting, until <see cref="GoOn"/>.</summary>
    public void Stall() => _open.Reset();

    public void WaitUntilStalled() => Assert.True(_entered.Wait(Darter.Testing.Wait.Patience));

    public void GoOn() => _open.Set();

    public LogLoss Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> ends)
    {
        _entered.Set();
        _open.Wait();
        if (Error is { } error)
        {
            return new LogLoss(ends.Length, error);
        }

        int start = 0;
        lock (_gate)
        {
            foreach (int end in ends)
            {
                _entries.Add(Encoding.UTF8.GetString(bytes[start..end]));
                start = end;
            }
        }

        return default;
    }

    public string? Reopen()
    {
        Reopened++;
        return Error;
    }

    public void Dispose()
    {
        _open.Set();
    }
}
