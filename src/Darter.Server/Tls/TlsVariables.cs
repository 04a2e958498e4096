using System.Buffers.Binary;
using System.Globalization;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tls;

/// <summary>
/// What the application is told of the encryption of a connection, under the names of Apache's mod_ssl (its option
/// StdEnvVars), which other servers have taken over. Made once for each connection.
/// </summary>
internal sealed class TlsVariables : IRequestVariables
{
    private readonly MemoryStream _bytes = new();

    /// <param name="handshake">What was agreed on; null: the server does not say, as of a connection of HTTP/3, which is always TLS 1.3.</param>
    /// <param name="client">The client's certificate, if it showed one.</param>
    internal TlsVariables(ITlsHandshakeFeature? handshake, X509Certificate2? client)
    {
        Add("SSL_PROTOCOL", handshake?.Protocol switch { SslProtocols.Tls13 or null => "TLSv1.3", SslProtocols.Tls12 => "TLSv1.2", var other => other.Value.ToString() });
        if (handshake?.NegotiatedCipherSuite is { } suite)
        {
            Add("SSL_CIPHER", suite.ToString());
            Add("SSL_CIPHER_CODE", ((int)suite).ToString("X4", CultureInfo.InvariantCulture));
        }

        Add("SSL_CLIENT_VERIFY", client is null ? "NONE" : "SUCCESS");
        if (client is not null)
        {
            Add("SSL_CLIENT_S_DN", client.Subject);
            Add("SSL_CLIENT_I_DN", client.Issuer);
            Add("SSL_CLIENT_M_SERIAL", client.SerialNumber);
            Add("SSL_CLIENT_V_START", client.NotBefore.ToUniversalTime().ToString("R", CultureInfo.InvariantCulture));
            Add("SSL_CLIENT_V_END", client.NotAfter.ToUniversalTime().ToString("R", CultureInfo.InvariantCulture));
            Add("SSL_CLIENT_CERT", client.ExportCertificatePem());
        }
    }

    /// <inheritdoc/>
    public ushort VariableCount { get; private set; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Variables => _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);

    /// <summary>The connection middleware behind that of TLS.</summary>
    internal static ConnectionDelegate Attach(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<ITlsHandshakeFeature>() is { } handshake)
        {
            connection.Features.Set<IRequestVariables>(new TlsVariables(handshake, connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate));
        }

        return next(connection);
    };

    private void Add(string name, string value)
    {
        byte[] text = Encoding.UTF8.GetBytes(value);
        if (text.Length > ushort.MaxValue)
        {
            return;
        }

        Span<byte> lengths = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(lengths, (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(lengths[2..], (ushort)text.Length);
        _bytes.Write(lengths);
        _bytes.Write(Encoding.ASCII.GetBytes(name));
        _bytes.Write(text);
        VariableCount++;
    }
}
