using System.Text;

namespace Darter.Server.WebSockets.Events;

/// <summary>
/// The extension <c>grip</c> in the Sec-WebSocket-Extensions of an application's answer: what follows contains control
/// messages for the front, and what is meant for the client has a prefix.
/// </summary>
/// <param name="MessagePrefix">The prefix.</param>
internal sealed record GripExtension(byte[] MessagePrefix)
{
    private static readonly byte[] DefaultPrefix = "m:"u8.ToArray();

    /// <summary>Looks for the extension, null if it is not there. False: the field is malformed.</summary>
    internal static bool TryRead(ReadOnlySpan<char> value, out GripExtension? extension)
    {
        extension = null;
        ReadOnlySpan<char> rest = value;
        while (true)
        {
            rest = rest.TrimStart(", \t");
            if (rest.IsEmpty)
            {
                return true;
            }

            ReadOnlySpan<char> name = TakeUntil(ref rest, ";,");
            bool isGrip = name.Equals("grip", StringComparison.OrdinalIgnoreCase);
            byte[] prefix = DefaultPrefix;
            while (rest is [';', ..])
            {
                rest = rest[1..];
                ReadOnlySpan<char> parameter = TakeUntil(ref rest, "=;,");
                if (parameter.IsEmpty || !TryTakeArgument(ref rest, out string argument))
                {
                    return false;
                }

                if (isGrip && parameter.Equals("message-prefix", StringComparison.OrdinalIgnoreCase))
                {
                    prefix = Encoding.UTF8.GetBytes(argument);
                }
            }

            if (name.IsEmpty || rest is not ([] or [',', ..]))
            {
                return false;
            }

            if (isGrip)
            {
                extension ??= new GripExtension(prefix);
            }
        }
    }

    private static ReadOnlySpan<char> TakeUntil(ref ReadOnlySpan<char> rest, ReadOnlySpan<char> ends)
    {
        int length = rest.IndexOfAny(ends);
        ReadOnlySpan<char> taken = length < 0 ? rest : rest[..length];
        rest = rest[taken.Length..];
        return taken.Trim(" \t");
    }

    /// <summary>Takes <c>= (token | quoted-string)</c>, if it is there (RFC 9110, section 5.6.4).</summary>
    private static bool TryTakeArgument(ref ReadOnlySpan<char> rest, out string argument)
    {
        argument = "";
        if (rest is not ['=', ..])
        {
            return true;
        }

        rest = rest[1..].TrimStart(" \t");
        if (rest is not ['"', ..])
        {
            argument = TakeUntil(ref rest, ";,").ToString();
            return argument.Length > 0;
        }

        StringBuilder text = new();
        for (int i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                argument = text.ToString();
                rest = rest[(i + 1)..].TrimStart(" \t");
                return true;
            }

            if (rest[i] == '\\' && ++i == rest.Length)
            {
                return false;
            }

            text.Append(rest[i]);
        }

        return false;
    }
}
