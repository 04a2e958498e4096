using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;

namespace Darter.Server.Tls;

/// <summary>
/// What a client says of itself at the beginning of a handshake (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2), as far
/// as the choice of a certificate needs it. A feature of the connection.
/// </summary>
internal sealed class ClientHello
{
    /// <summary>Bytes of the longest message that is looked at. With keys of post-quantum algorithms they have two thousand.</summary>
    internal const int LongestMessage = 16 * 1024;

    // A message may be split over records (RFC 8446, section 5.1), which nobody does to excess.
    private const int MostRecords = 8;
    private const int RecordHeader = 5;
    private const int MessageHeader = 4;
    private const int LongestRecord = 16 * 1024;
    private const int HandshakeRecord = 22;
    private const int ClientHelloMessage = 1;
    private const ushort Tls13 = 0x0304;

    // https://www.iana.org/assignments/tls-extensiontype-values
    private const ushort SupportedGroups = 10;
    private const ushort SignatureAlgorithms = 13;
    private const ushort Alpn = 16;
    private const ushort SupportedVersions = 43;

    // The suites of TLS 1.2 that need an ECDSA certificate; each is a bit of a mask.
    private static readonly TlsCipherSuite[] s_ecdsaSuites =
    [
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CCM,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8,
    ];

    private bool _hasTls13;
    private bool _hasEcdsaSignatures;
    private bool _hasGroups;
    private uint _suites;

    // A bit for each CertificateKey.
    private uint _curves;
    private uint _schemes;

    private ClientHello()
    {
    }

    /// <summary>The suites for ECDSA of the system's own choice, as a mask: .NET's, but for those that a system may have taken out.</summary>
    internal static uint SystemEcdsaSuites => EcdsaSuitesOf(s_ecdsaSuites[..4]);

    /// <summary>Whether the client is an authority that verifies a name by TLS-ALPN-01 (RFC 8737).</summary>
    internal bool IsAcmeValidation { get; private set; }

    /// <summary>The mask of those of the suites that need an ECDSA certificate.</summary>
    internal static uint EcdsaSuitesOf(IEnumerable<TlsCipherSuite> suites)
    {
        uint mask = 0;
        foreach (TlsCipherSuite suite in suites)
        {
            int index = Array.IndexOf(s_ecdsaSuites, suite);
            mask |= index < 0 ? 0 : 1u << index;
        }

        return mask;
    }

    /// <summary>Reads the first message of a connection; nothing of the input is consumed.</summary>
    internal static ClientHelloReading Read(in ReadOnlySequence<byte> input, out ClientHello? hello)
    {
        hello = null;
        byte[] message = ArrayPool<byte>.Shared.Rent(MessageHeader + LongestMessage);
        try
        {
            ClientHelloReading reading = Collect(input, message, out int length);
            if (reading != ClientHelloReading.Complete)
            {
                return reading;
            }

            ClientHello read = new();
            if (!read.TryRead(new TlsReader(message.AsSpan(MessageHeader, length - MessageHeader))))
            {
                return ClientHelloReading.Unusable;
            }

            hello = read;
            return ClientHelloReading.Complete;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Whether the client can verify what a key of this kind has signed.</summary>
    /// <param name="key">The kind of key.</param>
    /// <param name="ecdsaSuites">The mask of the suites for ECDSA that the server speaks with TLS 1.2.</param>
    internal bool Accepts(CertificateKey key, uint ecdsaSuites)
    {
        if (key is CertificateKey.Rsa or CertificateKey.Other)
        {
            return key == CertificateKey.Rsa;
        }

        // TLS 1.3 binds the curve to the algorithm of the signature; TLS 1.2 has it among the groups, and ECDSA in the suites.
        return _hasTls13
            ? (_schemes & Bit(key)) != 0
            : _hasEcdsaSignatures && (_suites & ecdsaSuites) != 0 && (!_hasGroups || (_curves & Bit(key)) != 0);
    }

    private static uint Bit(CertificateKey key) => 1u << (int)key;

    /// <summary>Puts the message together from its records.</summary>
    private static ClientHelloReading Collect(in ReadOnlySequence<byte> input, byte[] message, out int length)
    {
        length = 0;
        SequenceReader<byte> reader = new(input);
        Span<byte> header = stackalloc byte[RecordHeader];
        for (int record = 0; record < MostRecords; record++)
        {
            int known = (int)Math.Min(header.Length, reader.Remaining);
            reader.TryCopyTo(header[..known]);
            if ((known > 0 && header[0] != HandshakeRecord) || (known > 1 && header[1] != 3))
            {
                return ClientHelloReading.Unusable;
            }

            if (known < header.Length)
            {
                return ClientHelloReading.Incomplete;
            }

            int size = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
            if (size is 0 or > LongestRecord)
            {
                return ClientHelloReading.Unusable;
            }

            reader.Advance(header.Length);
            int available = (int)Math.Min(size, reader.Remaining);
            int taken = Math.Min(available, MessageHeader + LongestMessage - length);
            reader.TryCopyTo(message.AsSpan(length, taken));
            length += taken;
            if (length > 0 && message[0] != ClientHelloMessage)
            {
                return ClientHelloReading.Unusable;
            }

            if (length >= MessageHeader)
            {
                int whole = MessageHeader + ((message[1] << 16) | BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(2)));
                if (whole > MessageHeader + LongestMessage)
                {
                    return ClientHelloReading.Unusable;
                }

                if (length >= whole)
                {
                    length = whole;
                    return ClientHelloReading.Complete;
                }
            }

            if (available < size)
            {
                return ClientHelloReading.Incomplete;
            }

            reader.Advance(available);
        }

        return ClientHelloReading.Unusable;
    }

    private bool TryRead(TlsReader body)
    {
        if (!body.TrySkip(2 + 32) || !body.TryReadShortVector(out _) || !body.TryReadVector(out TlsReader suites) || !body.TryReadShortVector(out _))
        {
            return false;
        }

        while (suites.TryReadUInt16(out ushort suite))
        {
            int index = Array.IndexOf(s_ecdsaSuites, (TlsCipherSuite)suite);
            _suites |= index < 0 ? 0 : 1u << index;
        }

        // A client of TLS 1.2 may have no extensions at all.
        if (body.IsAtEnd)
        {
            return true;
        }

        if (!body.TryReadVector(out TlsReader extensions))
        {
            return false;
        }

        while (!extensions.IsAtEnd)
        {
            if (!extensions.TryReadUInt16(out ushort type) || !extensions.TryReadVector(out TlsReader content) || !TryReadExtension(type, content))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadExtension(ushort type, TlsReader content)
    {
        switch (type)
        {
            case SupportedVersions:
                return content.TryReadShortVector(out TlsReader versions) && ReadVersions(versions);
            case SignatureAlgorithms:
                return content.TryReadVector(out TlsReader schemes) && ReadSchemes(schemes);
            case SupportedGroups:
                return content.TryReadVector(out TlsReader groups) && ReadGroups(groups);
            case Alpn:
                return content.TryReadVector(out TlsReader protocols) && TryReadProtocols(protocols);
            default:
                return true;
        }
    }

    private bool ReadVersions(TlsReader versions)
    {
        while (versions.TryReadUInt16(out ushort version))
        {
            _hasTls13 |= version == Tls13;
        }

        return true;
    }

    private bool ReadSchemes(TlsReader schemes)
    {
        while (schemes.TryReadUInt16(out ushort scheme))
        {
            // ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512; with TLS 1.2 the curve is not meant.
            _schemes |= scheme switch
            {
                0x0403 => Bit(CertificateKey.EcdsaP256),
                0x0503 => Bit(CertificateKey.EcdsaP384),
                0x0603 => Bit(CertificateKey.EcdsaP521),
                _ => 0,
            };
            _hasEcdsaSignatures |= scheme is 0x0403 or 0x0503 or 0x0603;
        }

        return true;
    }

    private bool ReadGroups(TlsReader groups)
    {
        _hasGroups = true;
        while (groups.TryReadUInt16(out ushort group))
        {
            _curves |= group switch
            {
                23 => Bit(CertificateKey.EcdsaP256),
                24 => Bit(CertificateKey.EcdsaP384),
                25 => Bit(CertificateKey.EcdsaP521),
                _ => 0,
            };
        }

        return true;
    }

    private bool TryReadProtocols(TlsReader protocols)
    {
        // RFC 8737, section 4: the protocol stands alone.
        if (!protocols.TryReadShortVector(out TlsReader protocol))
        {
            return false;
        }

        IsAcmeValidation = protocols.IsAtEnd && protocol.Is("acme-tls/1"u8);
        return true;
    }
}
