namespace Darter.Workers;

/// <summary>A list of streams linked through themselves; a stream is in at most one list. Loop thread only.</summary>
internal sealed class StreamList
{
    internal WorkerStream? First { get; private set; }

    internal WorkerStream? Last { get; private set; }

    internal int Count { get; private set; }

    internal void AddLast(WorkerStream stream)
    {
        stream.Previous = Last;
        stream.Next = null;
        if (Last is null)
        {
            First = stream;
        }
        else
        {
            Last.Next = stream;
        }

        Last = stream;
        Count++;
    }

    internal void AddFirst(WorkerStream stream)
    {
        stream.Previous = null;
        stream.Next = First;
        if (First is null)
        {
            Last = stream;
        }
        else
        {
            First.Previous = stream;
        }

        First = stream;
        Count++;
    }

    internal void Remove(WorkerStream stream)
    {
        if (stream.Previous is null)
        {
            First = stream.Next;
        }
        else
        {
            stream.Previous.Next = stream.Next;
        }

        if (stream.Next is null)
        {
            Last = stream.Previous;
        }
        else
        {
            stream.Next.Previous = stream.Previous;
        }

        stream.Previous = stream.Next = null;
        Count--;
    }
}
