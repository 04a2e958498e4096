using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.WebSockets;

/// <summary>A client's request for a WebSocket: RFC 6455, section 4.2, and RFC 8441 for HTTP/2.</summary>
internal sealed class Handshake
{
    private const string Version = "13";

    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private string? _key;

    private Handshake(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    {
        _upgrade = upgrade;
        _connect = connect;
    }

    /// <summary>0, or the status of the answer to a handshake that is not valid.</summary>
    internal int Status { get; private set; }

    /// <summary>What was agreed on about compression; null: none.</summary>
    internal DeflateAgreement? Deflate { get; private set; }

    /// <summary>
    /// Finds out whether a request asks for a WebSocket; null: it does not. To be called for requests with Upgrade, and
    /// for CONNECT.
    /// </summary>
    internal static Handshake? Find(IFeatureCollection features, IHttpRequestFeature request, bool allowDeflate)
    {
        Handshake handshake;
        if (features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            if (!string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            handshake = new Handshake(null, connect);
        }
        else if (HttpMethods.IsGet(request.Method)
            && HasToken(request.Headers.Upgrade, "websocket")
            && features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            handshake = new Handshake(upgrade, null);
        }
        else
        {
            return null;
        }

        handshake.Status = handshake.Verify(request.Headers, allowDeflate);
        return handshake;
    }

    /// <summary>Writes the fields of the answer that belong to the protocol.</summary>
    internal void WriteAnswer(IHeaderDictionary headers)
    {
        headers.Remove(HeaderNames.SecWebSocketAccept);
        headers.Remove(HeaderNames.SecWebSocketExtensions);
        headers.Remove(HeaderNames.SecWebSocketVersion);
        headers.Remove(HeaderNames.SecWebSocketKey);
        if (_key is not null)
        {
            headers.Upgrade = "websocket";
            headers.SecWebSocketAccept = AcceptFor(_key);
        }

        if (Deflate is not null)
        {
            headers.SecWebSocketExtensions = Deflate.Answer;
        }
    }

    /// <summary>Adds what an answer of <see cref="Status"/> must have.</summary>
    internal void WriteRefusal(IHeaderDictionary headers)
    {
        if (Status == StatusCodes.Status426UpgradeRequired)
        {
            headers[HeaderNames.SecWebSocketVersion] = Version;
            if (_upgrade is not null)
            {
                headers.Upgrade = "websocket";
                headers.Connection = "Upgrade, close";
            }
        }
    }

    /// <summary>Sends the answer; from then on the stream is the WebSocket's.</summary>
    internal async ValueTask<Stream> AcceptAsync() =>
        _upgrade is not null ? await _upgrade.UpgradeAsync().ConfigureAwait(false) : await _connect!.AcceptAsync().ConfigureAwait(false);

    /// <summary>The proof that the handshake was understood: RFC 6455, section 4.2.2.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The RFC wants SHA-1, and nothing secret depends on it.")]
    internal static string AcceptFor(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    private int Verify(IHeaderDictionary headers, bool allowDeflate)
    {
        if (headers.SecWebSocketVersion is not [Version])
        {
            return StatusCodes.Status426UpgradeRequired;
        }

        if (_upgrade is not null)
        {
            if (headers.SecWebSocketKey is not [{ Length: 24 } key] || !IsBase64(key))
            {
                return StatusCodes.Status400BadRequest;
            }

            _key = key;
        }

        if (!DeflateAgreement.TryNegotiate(headers.SecWebSocketExtensions, out DeflateAgreement? agreement))
        {
            return StatusCodes.Status400BadRequest;
        }

        Deflate = allowDeflate ? agreement : null;
        return 0;
    }

    private static bool IsBase64(string key)
    {
        Span<byte> bytes = stackalloc byte[18];
        return Convert.TryFromBase64String(key, bytes, out int length) && length == 16;
    }

    private static bool HasToken(StringValues values, string token)
    {
        foreach (string? value in values)
        {
            foreach (Range range in value.AsSpan().Split(','))
            {
                if (value.AsSpan(range).Trim(" \t").Equals(token, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
