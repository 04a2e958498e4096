namespace Darter.Server.Tls;

/// <summary>
/// Takes SETTINGS_MAX_FIELD_SECTION_SIZE out of a client's settings. The server would not encode a response with larger fields and
/// break the stream off with locks held, in the wrong order, which any client could make use of. A server should heed it
/// (RFC 9114, section 4.2.2), but clients have to refuse what is too large for them anyway, since proxies may not know of it.
/// </summary>
/// <remarks>The identifier becomes one of those that are reserved for having no meaning (section 7.2.4.1), so lengths stay.</remarks>
internal sealed class SettingsFilter
{
    private const long ControlStream = 0;
    private const long Settings = 4;
    private const long MaxFieldSectionSize = 6;
    private const byte Reserved = 0x21;

    private Part _part = Part.StreamType;
    private int _bytesLeft;
    private long _number;
    private long _payloadLeft;

    private enum Part
    {
        StreamType,
        FrameType,
        FrameLength,
        Identifier,
        Value,
        Rest,
    }

    /// <summary>Changes the next bytes of a stream that the client alone sends on, from its first one.</summary>
    internal void Apply(Span<byte> bytes)
    {
        for (int index = 0; index < bytes.Length && _part != Part.Rest; index++)
        {
            bool isPayload = _part >= Part.Identifier;
            if (Complete(bytes[index]))
            {
                if (_part == Part.Identifier && _number == MaxFieldSectionSize)
                {
                    bytes[index] = Reserved;
                }

                _part = Next();
            }

            if (isPayload && --_payloadLeft == 0)
            {
                _part = Part.Rest;
            }
        }
    }

    /// <summary>Another byte of a number (RFC 9000, section 16). Whether it is the last one.</summary>
    private bool Complete(byte next)
    {
        if (_bytesLeft == 0)
        {
            _bytesLeft = 1 << (next >> 6);
            _number = next & 0x3F;
        }
        else
        {
            _number = (_number << 8) | next;
        }

        return --_bytesLeft == 0;
    }

    private Part Next()
    {
        switch (_part)
        {
            case Part.StreamType:
                return _number == ControlStream ? Part.FrameType : Part.Rest;
            case Part.FrameType:
                // It has to be the first frame; the server refuses all else (section 6.2.1).
                return _number == Settings ? Part.FrameLength : Part.Rest;
            case Part.FrameLength:
                _payloadLeft = _number;
                return _number == 0 ? Part.Rest : Part.Identifier;
            case Part.Identifier:
                return Part.Value;
            default:
                return Part.Identifier;
        }
    }
}
