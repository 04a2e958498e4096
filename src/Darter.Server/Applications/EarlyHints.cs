using System.Buffers;
using System.IO.Pipelines;
using Darter.Wire;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>
/// Sends 103 responses (RFC 8297). The HTTP server has no interface for them, so they are written to the connection
/// below it, which is sound while it waits for the response: HTTP/1.1 only. To other clients they are not sent, as the
/// RFC allows.
/// </summary>
internal static class EarlyHints
{
    /// <summary>Sends the fields of <paramref name="head"/>, on the connection's loop.</summary>
    internal static void Send(IFeatureCollection features, scoped in ResponseHead head)
    {
        if (features.Get<IHttpRequestFeature>()?.Protocol != "HTTP/1.1"
            || features.Get<IConnectionTransportFeature>()?.Transport.Output is not { } output)
        {
            return;
        }

        output.Write("HTTP/1.1 103 Early Hints\r\n"u8);
        foreach (HeaderBlock.Field field in head.Headers)
        {
            output.Write(field.Name);
            output.Write(": "u8);
            output.Write(field.Value);
            output.Write("\r\n"u8);
        }

        output.Write("\r\n"u8);
        ValueTask<FlushResult> flush = output.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            // A client that left is noticed by the response that follows.
            _ = flush.AsTask().ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }
    }
}
