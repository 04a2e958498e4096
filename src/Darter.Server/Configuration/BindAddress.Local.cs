using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using Darter.Transport;
using Darter.Workers.Service;

namespace Darter.Server.Configuration;

/// <summary>Addresses of this machine alone: Unix sockets and inherited descriptors.</summary>
public sealed partial record BindAddress
{
    private const string DescriptorPrefix = "fd://";

    private static bool TryUnix(string text, string rest, [NotNullWhen(true)] out BindAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        string path = rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;
        UnixSocketAccess? access = null;
        int query = path.LastIndexOf('?');
        if (query >= 0 && path.IndexOf('=', query) >= 0)
        {
            if (!TryAccess(path[(query + 1)..], out access, out string? problem))
            {
                error = $"'{text}': {problem}";
                return false;
            }

            path = path[..query];
        }

        if (path.Length == 0)
        {
            error = $"'{text}' names no path: write unix:/run/app.sock";
            return false;
        }

        try
        {
            error = null;
            address = new BindAddress(text, [new UnixDomainSocketEndPoint(Path.GetFullPath(path))]) { Access = access };
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            error = $"the path of '{text}' is too long for a Unix socket (107 bytes at most)";
            return false;
        }
    }

    private static bool TryAccess(string query, [NotNullWhen(true)] out UnixSocketAccess? access, [NotNullWhen(false)] out string? error)
    {
        access = null;
        UnixSocketAccess found = new(Mode: null);
        foreach (string part in query.Split('&'))
        {
            string[] pair = part.Split('=', 2);
            switch (pair)
            {
                case ["mode", var mode]:
                    if (!TryMode(mode, out UnixFileMode permissions))
                    {
                        error = $"the mode '{mode}' is not an octal number of three digits, such as 660";
                        return false;
                    }

                    found = found with { Mode = permissions };
                    break;
                case ["user", var name]:
                    if (!Account.TryFindUser(name, out Account? user, out error))
                    {
                        return false;
                    }

                    found = found with { User = user.User };
                    break;
                case ["group", var name]:
                    if (!Account.TryFindGroup(name, out uint group, out error))
                    {
                        return false;
                    }

                    found = found with { Group = group };
                    break;
                default:
                    error = $"'{pair[0]}' is none of mode, user and group";
                    return false;
            }
        }

        error = null;
        access = found;
        return true;
    }

    private static bool TryMode(string text, out UnixFileMode mode)
    {
        mode = default;
        if (text.Length is not (3 or 4) || text.Any(digit => digit is < '0' or > '7') || (text.Length == 4 && text[0] != '0'))
        {
            return false;
        }

        mode = (UnixFileMode)Convert.ToInt32(text, 8);
        return true;
    }

    private static bool TryDescriptor(string text, string number, [NotNullWhen(true)] out BindAddress? address, [NotNullWhen(false)] out string? error)
    {
        bool isNumber = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor);
        address = isNumber ? Inherited(descriptor) : null;
        error = isNumber ? null : $"'{text}' names no descriptor: write fd://3";
        return isNumber;
    }
}
