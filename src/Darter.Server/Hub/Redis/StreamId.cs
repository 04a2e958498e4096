using System.Globalization;

namespace Darter.Server.Hub.Redis;

/// <summary>The id that Redis gave an entry of a stream: milliseconds of its clock, and a number within them.</summary>
internal readonly record struct StreamId(ulong Milliseconds, ulong Number) : IComparable<StreamId>
{
    /// <summary>When the server's clock was at it.</summary>
    internal DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds((long)Milliseconds);

    public static bool operator <(StreamId left, StreamId right) => left.CompareTo(right) < 0;

    public static bool operator >(StreamId left, StreamId right) => left.CompareTo(right) > 0;

    public static bool operator <=(StreamId left, StreamId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StreamId left, StreamId right) => left.CompareTo(right) >= 0;

    /// <summary>Reads an id such as <c>1700000000000-0</c>. False: it is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out StreamId id)
    {
        id = default;
        int dash = text.IndexOf('-');
        if (dash < 0 || !ulong.TryParse(text[..dash], NumberStyles.None, null, out ulong milliseconds)
            || !ulong.TryParse(text[(dash + 1)..], NumberStyles.None, null, out ulong number))
        {
            return false;
        }

        id = new StreamId(milliseconds, number);
        return true;
    }

    /// <summary>The smallest id that is <paramref name="time"/> older.</summary>
    public StreamId Back(TimeSpan time) => new(Milliseconds - Math.Min(Milliseconds, (ulong)time.TotalMilliseconds), 0);

    /// <inheritdoc/>
    public int CompareTo(StreamId other) =>
        Milliseconds != other.Milliseconds ? Milliseconds.CompareTo(other.Milliseconds) : Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString() => $"{Milliseconds}-{Number}";
}
