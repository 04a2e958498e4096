using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Darter.Server.Tls;

/// <summary>
/// Says that a connection ends (RFC 8446, section 6.1), which the platform leaves to its users: without it a client cannot tell a
/// response to the connection's end from one that somebody has cut short, OpenSSL reports an error, and the session is not resumed.
/// </summary>
internal static class CloseNotify
{
    /// <summary>The connection middleware just behind that of TLS.</summary>
    internal static ConnectionDelegate Send(ConnectionDelegate next) => async connection =>
    {
        await next(connection).ConfigureAwait(false);
        if (connection.Features.Get<ISslStreamFeature>()?.SslStream is not { } stream)
        {
            return;
        }

        try
        {
            // What is still to be sent goes first. Of a connection that was aborted, since its response is not whole, the transport
            // takes nothing any more.
            await connection.Transport.Output.CompleteAsync().ConfigureAwait(false);
            await stream.ShutdownAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client was faster.
        }
    };
}
