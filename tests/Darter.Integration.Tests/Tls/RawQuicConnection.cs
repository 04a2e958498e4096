using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Text;

namespace Darter.Integration.Tests.Tls;

/// <summary>A connection of HTTP/3 (RFC 9114) that can do what .NET's client does not: leave at any moment, and say anything before.</summary>
internal sealed class RawQuicConnection : IAsyncDisposable
{
    /// <summary>H3_NO_ERROR.</summary>
    private const long NoError = 0x100;

    /// <summary>H3_REQUEST_CANCELLED.</summary>
    private const long RequestCancelled = 0x10C;

    private readonly QuicConnection _connection;

    // Kept: the server ends a connection whose control stream ends.
    private readonly QuicStream _control;

    private RawQuicConnection(QuicConnection connection, QuicStream control)
    {
        _connection = connection;
        _control = control;
    }

    /// <summary>Connects, and sends settings.</summary>
    /// <param name="server">The server.</param>
    /// <param name="settings">Identifiers and values as they go over the wire, less than 64 bytes.</param>
    internal static async Task<RawQuicConnection> OpenAsync(DarterServer server, params byte[] settings)
    {
        QuicConnection connection = await QuicConnection.ConnectAsync(new QuicClientConnectionOptions
        {
            RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, server.Address.Port),
            DefaultCloseErrorCode = NoError,
            DefaultStreamErrorCode = RequestCancelled,
            MaxInboundUnidirectionalStreams = 3,
            HandshakeTimeout = Wait.Patience,
            ClientAuthenticationOptions = new SslClientAuthenticationOptions
            {
                ApplicationProtocols = [SslApplicationProtocol.Http3],
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Issuer == "CN=authority",
            },
        });
        QuicStream control = await connection.OpenOutboundStreamAsync(QuicStreamType.Unidirectional);
        await control.WriteAsync((byte[])[0x00, 0x04, (byte)settings.Length, .. settings]);
        return new RawQuicConnection(connection, control);
    }

    /// <summary>Begins a request: its fields, and with <paramref name="length"/> the announcement of a body.</summary>
    internal async Task<QuicStream> BeginAsync(string target, int? length = null)
    {
        QuicStream stream = await _connection.OpenOutboundStreamAsync(QuicStreamType.Bidirectional);

        // RFC 9204, appendix A: :method GET is 17 and POST 20, :scheme https 23, content-length: 0 stands at 4.
        List<byte> fields = [0, 0, (byte)(0xC0 | (length is null ? 17 : 20)), 0xC0 | 23, .. Literal(0, "localhost"), .. Literal(1, target)];
        if (length is { } announced)
        {
            fields.AddRange(Literal(4, $"{announced}"));
        }

        await stream.WriteAsync((byte[])[0x01, 0x40, (byte)fields.Count, .. fields], completeWrites: length is null);
        return stream;
    }

    /// <summary>Sends a piece of the body, of less than 64 bytes.</summary>
    internal static async Task SendAsync(QuicStream stream, byte[] piece) => await stream.WriteAsync((byte[])[0x00, (byte)piece.Length, .. piece]);

    /// <summary>Reads the response to its end and returns how many bytes it has with its frames.</summary>
    internal static async Task<long> ReadToEndAsync(QuicStream stream)
    {
        byte[] buffer = new byte[16384];
        long length = 0;
        while (await stream.ReadAsync(buffer) is var count and > 0)
        {
            length += count;
        }

        return length;
    }

    /// <summary>Leaves: the server learns of it at once, whatever it is doing.</summary>
    internal async Task CloseAsync() => await _connection.CloseAsync(NoError);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static byte[] Literal(int name, string value) => [(byte)(0x50 | name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
