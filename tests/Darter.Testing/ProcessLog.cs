using System.Text.RegularExpressions;

namespace Darter.Testing;

/// <summary>The lines that a process wrote, in the order of their arrival.</summary>
public sealed class ProcessLog
{
    private readonly List<string> _lines = [];

    /// <summary>Number of lines until now: a mark for <see cref="Since"/>.</summary>
    public int Count
    {
        get
        {
            lock (_lines)
            {
                return _lines.Count;
            }
        }
    }

    /// <summary>All lines until now.</summary>
    public string Text => Since(0);

    /// <summary>The lines from the <paramref name="mark"/>th on.</summary>
    public string Since(int mark) => string.Join('\n', Lines(mark));

    /// <summary>The lines from the <paramref name="mark"/>th on.</summary>
    public IReadOnlyList<string> Lines(int mark = 0)
    {
        lock (_lines)
        {
            return _lines[Math.Min(mark, _lines.Count)..];
        }
    }

    /// <summary>Waits until <paramref name="text"/> occurs in a line from the <paramref name="mark"/>th on, and returns that line.</summary>
    public Task<string> WaitForAsync(string text, int mark = 0) => WaitForAsync(new Regex(Regex.Escape(text)), mark);

    /// <summary>Waits for a line from the <paramref name="mark"/>th on that matches, and returns it.</summary>
    public async Task<string> WaitForAsync(Regex pattern, int mark = 0)
    {
        string? found = null;
        await Wait.Until(
            () => (found = Lines(mark).FirstOrDefault(pattern.IsMatch)) is not null,
            () => $"a line that matches {pattern} in\n{Since(mark)}");
        return found!;
    }

    internal void Add(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }
}
