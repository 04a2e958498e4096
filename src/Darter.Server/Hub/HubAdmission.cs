using Darter.Server.Configuration;

namespace Darter.Server.Hub;

/// <summary>Counts held connections, in all and for each address. Any thread.</summary>
internal sealed class HubAdmission(HubConfig limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byAddress = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Counts a connection of a client; what was let in must <see cref="Leave"/> with the same address.</summary>
    internal HubRefusal Enter(string address)
    {
        lock (_gate)
        {
            if (limits.MaxConnections > 0 && Count >= limits.MaxConnections)
            {
                return HubRefusal.Connections;
            }

            if (limits.MaxConnectionsPerAddress > 0)
            {
                int present = _byAddress.GetValueOrDefault(address);
                if (present >= limits.MaxConnectionsPerAddress)
                {
                    return HubRefusal.ConnectionsOfAddress;
                }

                _byAddress[address] = present + 1;
            }

            Count++;
            return HubRefusal.None;
        }
    }

    /// <summary>Counts it no more.</summary>
    internal void Leave(string address)
    {
        lock (_gate)
        {
            Count--;
            if (limits.MaxConnectionsPerAddress == 0)
            {
                return;
            }

            int left = _byAddress[address] - 1;
            if (left == 0)
            {
                _byAddress.Remove(address);
            }
            else
            {
                _byAddress[address] = left;
            }
        }
    }
}
