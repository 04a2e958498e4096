using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Darter.Server.Proxies;

/// <summary>
/// Addresses that are believed: single ones, networks (CIDR) or <c>*</c> for all. A peer without an address, on a Unix
/// socket, is always believed, as in Gunicorn: who may connect there is decided by the file system.
/// </summary>
public sealed class TrustedAddresses
{
    /// <summary>The default of Gunicorn's settings.</summary>
    public static readonly TrustedAddresses Loopback = new(false, [IPAddress.Loopback, IPAddress.IPv6Loopback], []);

    /// <summary>Nobody with an address.</summary>
    public static readonly TrustedAddresses None = new(false, [], []);

    private readonly HashSet<IPAddress> _addresses;
    private readonly IPNetwork[] _networks;

    private TrustedAddresses(bool all, HashSet<IPAddress> addresses, IPNetwork[] networks)
    {
        TrustsAll = all;
        _addresses = addresses;
        _networks = networks;
    }

    /// <summary>Whether the list has <c>*</c>.</summary>
    public bool TrustsAll { get; }

    /// <summary>Whether another list has the same entries.</summary>
    public bool HasSameAs(TrustedAddresses other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return TrustsAll == other.TrustsAll && _addresses.SetEquals(other._addresses) && _networks.SequenceEqual(other._networks);
    }

    /// <summary>Reads a comma-separated list. When false, <paramref name="error"/> tells the user what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TrustedAddresses? list, [NotNullWhen(false)] out string? error)
    {
        list = null;
        bool all = false;
        HashSet<IPAddress> addresses = [];
        List<IPNetwork> networks = [];
        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (item == "*")
            {
                all = true;
            }
            else if (TryParseAddress(item, out IPAddress? address))
            {
                addresses.Add(address);
            }
            else if (TryParseNetwork(item, out IPNetwork network))
            {
                networks.Add(network);
            }
            else
            {
                error = $"'{item}' is neither an address nor a network such as 10.0.0.0/8, whose bits behind the prefix must be 0";
                return false;
            }
        }

        list = new TrustedAddresses(all, addresses, [.. networks]);
        error = null;
        return true;
    }

    /// <summary>Whether a peer is believed; null: it has no address.</summary>
    public bool Contains(IPAddress? address)
    {
        if (TrustsAll || address is null)
        {
            return true;
        }

        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (_addresses.Contains(plain))
        {
            return true;
        }

        foreach (IPNetwork network in _networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether what a proxy wrote for an address is one that is believed.</summary>
    internal bool Contains(ReadOnlySpan<char> text) => TrustsAll || (TryParseAddress(text, out IPAddress? address) && Contains(address));

    /// <summary>
    /// Reads an address in the usual form: four numbers, or IPv6 without brackets and zone. The platform takes much else for
    /// an address, such as 1 or 0x7f.1, by which a client could name a trusted one in a way that others do not see.
    /// </summary>
    internal static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length > 45 || text.ContainsAny('[', '%') || !IPAddress.TryParse(text, out IPAddress? parsed))
        {
            return false;
        }

        if (parsed.AddressFamily == AddressFamily.InterNetwork && !text.SequenceEqual(parsed.ToString()))
        {
            return false;
        }

        address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }

    private static bool TryParseNetwork(string text, out IPNetwork network)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        network = default;

        // The platform overlooks bits behind the prefix, which are likely to be a mistake: Gunicorn refuses them.
        return slash > 0
            && TryParseAddress(text.AsSpan(0, slash), out _)
            && IPNetwork.TryParse(text, out network)
            && network.BaseAddress.Equals(IPAddress.Parse(text.AsSpan(0, slash)));
    }
}
