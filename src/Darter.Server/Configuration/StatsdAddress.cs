using System.Diagnostics.CodeAnalysis;

namespace Darter.Server.Configuration;

/// <summary>Where a StatsD server listens, written as Gunicorn's setting: <c>HOST:PORT</c> (UDP) or <c>unix://PATH</c>.</summary>
/// <param name="Text">As typed.</param>
/// <param name="Path">The path of a Unix socket, or null.</param>
/// <param name="Host">The host, if it is no Unix socket.</param>
/// <param name="Port">The port, if it is no Unix socket.</param>
public sealed record StatsdAddress(string Text, string? Path, string Host, int Port)
{
    private const int DefaultPort = 8125;

    /// <summary>Reads an address. False: it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out StatsdAddress? address)
    {
        address = null;
        if (text.StartsWith("unix://", StringComparison.Ordinal))
        {
            string path = text["unix://".Length..];
            if (path.Length is > 0 and <= 107)
            {
                address = new StatsdAddress(text, path, "", 0);
            }
        }
        else if (SyslogAddress.TrySplit(text, DefaultPort, out string host, out int port) && host.Length > 0)
        {
            address = new StatsdAddress(text, null, host, port);
        }

        return address is not null;
    }
}
