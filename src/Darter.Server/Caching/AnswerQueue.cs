namespace Darter.Server.Caching;

/// <summary>A queue of stored answers, from which any of them can be taken.</summary>
internal sealed class AnswerQueue
{
    private CachedAnswer? _first;
    private CachedAnswer? _last;

    /// <summary>Bytes of all in it.</summary>
    internal long Bytes { get; private set; }

    /// <summary>How many are in it.</summary>
    internal int Count { get; private set; }

    /// <summary>The one that came first.</summary>
    internal CachedAnswer? First => _first;

    /// <summary>Puts one at the end.</summary>
    internal void Add(CachedAnswer answer)
    {
        answer.Queue = this;
        answer.Previous = _last;
        answer.Next = null;
        if (_last is null)
        {
            _first = answer;
        }
        else
        {
            _last.Next = answer;
        }

        _last = answer;
        Bytes += answer.Size;
        Count++;
    }

    /// <summary>One in it takes more bytes from now on.</summary>
    internal void Grow(CachedAnswer answer, long bytes)
    {
        answer.Grow(bytes);
        Bytes += bytes;
    }

    /// <summary>Takes one out, wherever it is.</summary>
    internal void Remove(CachedAnswer answer)
    {
        if (answer.Previous is null)
        {
            _first = answer.Next;
        }
        else
        {
            answer.Previous.Next = answer.Next;
        }

        if (answer.Next is null)
        {
            _last = answer.Previous;
        }
        else
        {
            answer.Next.Previous = answer.Previous;
        }

        answer.Queue = null;
        answer.Previous = answer.Next = null;
        Bytes -= answer.Size;
        Count--;
    }
}
