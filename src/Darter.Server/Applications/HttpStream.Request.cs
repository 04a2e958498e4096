using System.Buffers;
using System.Globalization;
using System.Text;
using Darter.Server.Configuration;
using Darter.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Applications;

/// <summary>The head of the request.</summary>
internal sealed partial class HttpStream
{
    /// <inheritdoc/>
    protected override void WriteRequest(FrameWriter writer, uint stream, ushort slot)
    {
        if (_heldSocket is { } held)
        {
            WriteOpening(held, writer, stream, slot);
            return;
        }

        IHeaderDictionary headers = _request.Headers;
        string method = _asksForWebSocket ? "GET" : _request.Method;
        string target = TargetOf(_request);
        Span<byte> payload = writer.Begin(_application.MaxRequestHead + target.Length + method.Length + (_variables is null ? 0 : 2 + _variables.Variables.Length) + (IsMounted ? 2 + _route!.MountVariable.Length : 0));

        Span<byte> methodBytes = stackalloc byte[byte.MaxValue];
        int methodLength = Encoding.Latin1.GetBytes(method, methodBytes);
        byte[]? rented = null;
        Span<byte> targetBytes = target.Length <= 1024 ? stackalloc byte[1024] : (rented = ArrayPool<byte>.Shared.Rent(target.Length));
        int targetLength = Encoding.Latin1.GetBytes(target, targetBytes);
        long length = !_hasBody ? 0 : _bodyWhole ? _bodyLength : headers.ContentLength ?? -1;

        int offset = RequestHead.WriteFirst(payload, slot, ToldPort, length, methodBytes[..methodLength], ToldHost, targetBytes[..targetLength]);
        offset += RequestHead.WriteStable(
            payload[offset..], VersionOf(_request.Protocol), IsToldHttps, _asksForWebSocket, _serverPort, _serverHost,
            IsMounted || _scriptName is not null || _gateway is { HasScriptName: true }, _isProxied, _variables is not null || IsMounted);
        offset += WriteHeaders(payload[offset..], headers);
        if (_variables is not null || IsMounted)
        {
            offset += WriteVariables(payload[offset..], _variables, IsMounted ? _route!.MountVariable : default);
        }

        writer.Complete(FrameType.Request, _hasBody ? FrameFlags.None : FrameFlags.End, stream, offset);
        OnSent();
        _bodySent = 0;
        _bodyEndSent = false;
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        if (!_asksForWebSocket)
        {
            // It may be sent for the second time, to another worker.
            _clientFinishedSaid = false;
            SayClientFinished();
        }
    }

    private void ResetRequest()
    {
        _bodyLength = _bodySent = 0;
        _bodyReceived = 0;
        _hasBody = _bodyWhole = _bodyEndSent = _pieceIsLast = false;
        _bodyStopped = _asksForWebSocket = false;
        _handshake = null;
        _webSocket = null;
        _pieceSent = null;
        _bodyReader = null;
    }

    private int WriteHeaders(Span<byte> destination, IHeaderDictionary headers)
    {
        int count = 0;
        int offset = 2;
        bool dropUnderscores = _application.Config.HeaderMap != HeaderMap.Dangerous;

        // A body of unknown length that is here as a whole has a length now, which more applications understand.
        bool nowKnown = _hasBody && _bodyWhole && headers.ContentLength is null;
        foreach (KeyValuePair<string, StringValues> field in headers)
        {
            if ((dropUnderscores && field.Key.Contains('_', StringComparison.Ordinal) && !AllowsUnderscore(field.Key)) || (nowKnown && field.Key == "Transfer-Encoding"))
            {
                continue;
            }

            foreach (string? value in field.Value)
            {
                offset += WriteField(destination[offset..], field.Key, value ?? "");
                count++;
            }
        }

        if (nowKnown)
        {
            offset += WriteField(destination[offset..], "content-length", _bodyLength.ToString(CultureInfo.InvariantCulture));
            count++;
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)count);
        return offset;
    }

    private static int WriteVariables(Span<byte> destination, IRequestVariables? variables, ReadOnlySpan<byte> further)
    {
        ReadOnlySpan<byte> first = variables is null ? default : variables.Variables.Span;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)((variables?.VariableCount ?? 0) + (further.IsEmpty ? 0 : 1)));
        first.CopyTo(destination[2..]);
        further.CopyTo(destination[(2 + first.Length)..]);
        return 2 + first.Length + further.Length;
    }

    private static int WriteField(Span<byte> destination, string name, string value)
    {
        Ascii.ToLower(name, destination[4..], out int nameLength);
        int valueLength = Encoding.Latin1.GetBytes(value, destination[(4 + nameLength)..]);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)nameLength);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)valueLength);
        return 4 + nameLength + valueLength;
    }

    /// <summary>The target as the application shall see it.</summary>
    private static string TargetOf(IHttpRequestFeature request) => RequestTarget.Reduce(request.RawTarget);

    private static byte VersionOf(string protocol) => protocol switch
    {
        "HTTP/1.1" => 11,
        "HTTP/1.0" => 10,
        "HTTP/2" => 20,
        _ => 30,
    };
}
