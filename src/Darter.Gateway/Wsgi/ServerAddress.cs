using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>
/// SERVER_NAME and SERVER_PORT: the address the client connected to. A Unix socket has neither, there the Host field says
/// what the client meant.
/// </summary>
internal readonly ref struct ServerAddress
{
    private ServerAddress(ReadOnlySpan<byte> name, ReadOnlySpan<byte> port)
    {
        Name = name;
        Port = port;
    }

    /// <summary>Name or address.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Port in decimal.</summary>
    public ReadOnlySpan<byte> Port { get; }

    /// <summary>Of a request.</summary>
    public static ServerAddress Of(in RequestHead head)
    {
        if (head.ServerPort != 0)
        {
            byte[] port = new byte[5];
            _ = head.ServerPort.TryFormat(port, out int length);
            return new ServerAddress(head.ServerHost, port.AsSpan(0, length));
        }

        ReadOnlySpan<byte> host = default;
        foreach (HeaderBlock.Field field in head.Headers)
        {
            if (field.Name.SequenceEqual("host"u8))
            {
                host = field.Value;
                break;
            }
        }

        ReadOnlySpan<byte> usual = head.IsHttps ? "443"u8 : "80"u8;
        if (host.IsEmpty)
        {
            return new ServerAddress("localhost"u8, usual);
        }

        // The colons of an IPv6 address are inside its brackets.
        int colon = host.LastIndexOf((byte)':');
        bool hasPort = colon > host.LastIndexOf((byte)']') && colon + 1 < host.Length && !host[(colon + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
        ReadOnlySpan<byte> name = hasPort ? host[..colon] : host.TrimEnd((byte)':');
        return new ServerAddress(name.IsEmpty ? "localhost"u8 : name, hasPort ? host[(colon + 1)..] : usual);
    }
}
