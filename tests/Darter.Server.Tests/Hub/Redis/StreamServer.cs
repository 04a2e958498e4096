using Darter.Server.Hub.Redis;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>Does what Redis does with streams, in memory, and fails on demand.</summary>
internal sealed class StreamServer
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<StreamEntry>> _streams = [];
    private readonly Dictionary<(string Channel, string Origin), long> _stored = [];
    private readonly List<StreamServerSession> _sessions = [];
    private ulong _clock = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private bool _isUp = true;

    /// <summary>Whether nothing that is appended has an effect, and nobody can connect.</summary>
    internal bool IsStuck { get; set; }

    /// <summary>How many attempts to connect it has refused.</summary>
    internal int Refused { get; private set; }

    /// <summary>How many items a stream keeps.</summary>
    internal int Items { get; init; } = 1000;

    internal IReadOnlyList<StreamEntry> Stream(string channel)
    {
        lock (_lock)
        {
            return [.. _streams.GetValueOrDefault(channel) ?? []];
        }
    }

    internal void Add(StreamServerSession session)
    {
        lock (_lock)
        {
            if (!_isUp || IsStuck)
            {
                Refused++;
                throw new IOException("Connection refused");
            }

            _sessions.Add(session);
        }
    }

    internal void Up()
    {
        lock (_lock)
        {
            _isUp = true;
        }
    }

    /// <summary>Refuses connections and breaks those that there are; what lies in their buffers may be carried out or not.</summary>
    internal void Down()
    {
        Break();
        lock (_lock)
        {
            _isUp = false;
        }
    }

    /// <summary>Breaks the connections.</summary>
    internal void Break()
    {
        StreamServerSession[] sessions;
        lock (_lock)
        {
            sessions = [.. _sessions];
            _sessions.Clear();
        }

        foreach (StreamServerSession session in sessions)
        {
            session.Fail("Connection reset by peer");
        }
    }

    /// <summary>Loses everything, as after a restart without persistence.</summary>
    internal void Lose()
    {
        lock (_lock)
        {
            _streams.Clear();
            _stored.Clear();
        }
    }

    /// <summary>Loses the last items of all streams, as a replica does that takes over.</summary>
    internal void LoseTail(int items)
    {
        lock (_lock)
        {
            foreach ((string channel, List<StreamEntry> stream) in _streams)
            {
                stream.RemoveRange(Math.Max(0, stream.Count - items), Math.Min(items, stream.Count));
                foreach (string origin in _stored.Keys.Where(key => key.Channel == channel).Select(key => key.Origin).ToArray())
                {
                    _stored[(channel, origin)] = stream.LastOrDefault(entry => entry.Origin == origin).Sequence;
                }
            }
        }
    }

    internal long Stored(string channel, string origin)
    {
        lock (_lock)
        {
            return _stored.GetValueOrDefault((channel, origin));
        }
    }

    /// <summary>What the script does.</summary>
    internal string? Append(string channel, string origin, long sequence, long? after, ReadOnlyMemory<byte> data)
    {
        lock (_lock)
        {
            if (IsStuck)
            {
                return null;
            }

            bool any = _stored.TryGetValue((channel, origin), out long stored);
            if (any && stored >= sequence)
            {
                return null;
            }

            if (after is { } needed && stored != needed)
            {
                return RedisScript.Missing;
            }

            if (!_streams.TryGetValue(channel, out List<StreamEntry>? stream))
            {
                _streams[channel] = stream = [];
            }

            StreamId previous = stream.LastOrDefault().Id;
            StreamEntry entry = new(new StreamId(++_clock, 0), origin, sequence, data);
            stream.Add(entry);
            if (stream.Count > Items)
            {
                stream.RemoveAt(0);
            }

            _stored[(channel, origin)] = sequence;
            foreach (StreamServerSession session in _sessions)
            {
                session.Push(new StreamPush(channel, entry, previous));
            }

            return null;
        }
    }
}
