using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Darter.Server.Configuration;

namespace Darter.Cli.Files;

/// <summary>The address of <c>darter files</c>: http.server's --bind is a host and its argument a port, Darter's --bind is both.</summary>
internal static class FilesAddress
{
    private const string DefaultPort = "8000";

    /// <summary>Reads it. When false, <paramref name="error"/> tells what is wrong.</summary>
    internal static bool TryParse(string bind, string? port, [NotNullWhen(true)] out BindAddress? address, [NotNullWhen(false)] out string? error)
    {
        string text = bind;
        if (IPAddress.TryParse(bind, out IPAddress? ip) && ip.AddressFamily == AddressFamily.InterNetworkV6)
        {
            text = $"[{bind}]";
        }

        // A bare number is a host in neither sense.
        bool isHost = text.StartsWith('[') ? text.EndsWith(']') : !text.Contains(':', StringComparison.Ordinal) && !text.All(char.IsAsciiDigit);
        if (isHost)
        {
            text = $"{text}:{port ?? DefaultPort}";
        }
        else if (port is not null)
        {
            address = null;
            error = $"the port is given twice, in --bind {bind} and as {port}";
            return false;
        }

        if (!BindAddress.TryParse(text, out address, out error))
        {
            error = $"--bind: {error}";
            return false;
        }

        if (!address.IsPlain)
        {
            error = $"--bind: write '{bind}' without its scheme: files are sent over http, or https with --tls-cert";
            address = null;
            return false;
        }

        return true;
    }
}
