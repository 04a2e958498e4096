namespace Darter.Transport;

/// <summary>The timers of a loop that are set, the earliest on top. Each timer knows its place, so it can be moved.</summary>
internal sealed class TimerHeap
{
    private LoopTimer[] _heap = new LoopTimer[16];
    private int _count;

    /// <summary>The earliest timer, or null when none is set.</summary>
    internal LoopTimer? First => _count == 0 ? null : _heap[0];

    /// <summary>Puts the timer where its due time belongs, whether it was set before or not.</summary>
    internal void AddOrMove(LoopTimer timer)
    {
        int index = timer.HeapIndex;
        if (index < 0)
        {
            if (_count == _heap.Length)
            {
                Array.Resize(ref _heap, _count * 2);
            }

            index = _count++;
        }

        SiftDown(timer, SiftUp(timer, index));
    }

    internal void Remove(LoopTimer timer)
    {
        int index = timer.HeapIndex;
        if (index < 0)
        {
            return;
        }

        timer.HeapIndex = -1;
        LoopTimer last = _heap[--_count];
        _heap[_count] = null!;
        if (!ReferenceEquals(last, timer))
        {
            SiftDown(last, SiftUp(last, index));
        }
    }

    /// <summary>Moves the hole at <paramref name="index"/> up to where the timer may go.</summary>
    private int SiftUp(LoopTimer timer, int index)
    {
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (_heap[parent].Due <= timer.Due)
            {
                break;
            }

            Place(_heap[parent], index);
            index = parent;
        }

        return index;
    }

    /// <summary>Moves the hole at <paramref name="index"/> down to where the timer belongs, and puts it there.</summary>
    private void SiftDown(LoopTimer timer, int index)
    {
        while (true)
        {
            int child = (index * 2) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _heap[child + 1].Due < _heap[child].Due)
            {
                child++;
            }

            if (_heap[child].Due >= timer.Due)
            {
                break;
            }

            Place(_heap[child], index);
            index = child;
        }

        Place(timer, index);
    }

    private void Place(LoopTimer timer, int index)
    {
        _heap[index] = timer;
        timer.HeapIndex = index;
    }
}
