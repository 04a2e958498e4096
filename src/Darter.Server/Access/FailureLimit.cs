using System.Net;

namespace Darter.Server.Access;

/// <summary>Counts wrong passwords of each client, and says when to listen to it no more for a while. Any thread.</summary>
internal sealed class FailureLimit(TimeProvider time)
{
    /// <summary>Wrong passwords a client may send in a <see cref="Period"/>.</summary>
    internal const int Most = 10;

    /// <summary>How long a wrong password counts.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // Who has more addresses than this may as well be forgotten.
    private const int MostClients = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Count, DateTimeOffset Since)> _clients = [];

    /// <summary>Whether the client has sent too many of them.</summary>
    internal bool IsExceeded(IPAddress? client)
    {
        lock (_gate)
        {
            return _clients.TryGetValue(ClientKey.Of(client), out (int Count, DateTimeOffset Since) entry) && entry.Count >= Most && time.GetUtcNow() - entry.Since < Period;
        }
    }

    /// <summary>The client has sent one.</summary>
    internal void Add(IPAddress? client)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            string key = ClientKey.Of(client);
            if (_clients.Count >= MostClients)
            {
                _clients.Clear();
            }

            _clients[key] = _clients.TryGetValue(key, out (int Count, DateTimeOffset Since) entry) && now - entry.Since < Period
                ? (entry.Count + 1, entry.Since)
                : (1, now);
        }
    }
}
