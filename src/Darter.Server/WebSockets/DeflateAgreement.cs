using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.WebSockets;

/// <summary>What was agreed on about permessage-deflate (RFC 7692, section 7.1).</summary>
/// <param name="ServerWindowBits">How far back, as a logarithm, the client can look in what the server sends.</param>
/// <param name="Answer">The value of Sec-WebSocket-Extensions in the answer.</param>
internal sealed record DeflateAgreement(int ServerWindowBits, string Answer)
{
    private const int MaxWindowBits = 15;

    // Without context from message to message neither side's connections keep a window; the memory of a connection is
    // what limits how many there can be.
    private const string Accepted = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    /// <summary>
    /// Takes the first offer in Sec-WebSocket-Extensions that can be accepted, null if there is none. False: the field is
    /// malformed.
    /// </summary>
    internal static bool TryNegotiate(StringValues offers, out DeflateAgreement? agreement)
    {
        agreement = null;
        foreach (string? value in offers)
        {
            ExtensionReader reader = new(value ?? "");
            while (reader.TryReadExtension(out ReadOnlySpan<char> name))
            {
                bool applies = name.Equals("permessage-deflate", StringComparison.OrdinalIgnoreCase) && agreement is null;
                bool acceptable = true;
                int serverBits = 0;
                int clientBits = 0;
                bool serverContext = true;
                bool clientContext = true;
                while (reader.TryReadParameter(out ReadOnlySpan<char> parameter, out ReadOnlySpan<char> argument, out bool hasArgument))
                {
                    // An offer with a parameter that is unknown, invalid or given twice must be declined.
                    acceptable &= parameter switch
                    {
                        "server_no_context_takeover" => !hasArgument && Take(ref serverContext),
                        "client_no_context_takeover" => !hasArgument && Take(ref clientContext),
                        "server_max_window_bits" => hasArgument && serverBits == 0 && TryReadBits(argument, out serverBits),
                        "client_max_window_bits" => clientBits == 0 && (!hasArgument ? (clientBits = MaxWindowBits) > 0 : TryReadBits(argument, out clientBits)),
                        _ => false,
                    };
                }

                if (applies && acceptable && serverBits != 8)
                {
                    // 8 is allowed, but would mean pieces of 256 bytes, which grow when they are compressed one by one.
                    agreement = serverBits == 0
                        ? new DeflateAgreement(MaxWindowBits, Accepted)
                        : new DeflateAgreement(serverBits, string.Create(CultureInfo.InvariantCulture, $"{Accepted}; server_max_window_bits={serverBits}"));
                }
            }

            if (reader.IsMalformed)
            {
                agreement = null;
                return false;
            }
        }

        return true;
    }

    private static bool Take(ref bool value)
    {
        bool first = value;
        value = false;
        return first;
    }

    private static bool TryReadBits(ReadOnlySpan<char> text, out int bits) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits is >= 8 and <= MaxWindowBits && text[0] != '0';
}
