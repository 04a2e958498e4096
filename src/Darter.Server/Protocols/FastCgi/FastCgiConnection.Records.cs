using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>What records do.</summary>
internal sealed partial class FastCgiConnection
{
    private const ushort Responder = 1;
    private const byte KeepConnection = 1;

    /// <summary>Does what a record says. What is returned says what is wrong with it; null: nothing.</summary>
    private async ValueTask<string?> OnRecordAsync(RecordHeader header, ReadOnlySequence<byte> content)
    {
        if (header.Type == RecordType.Stdin && Find(header.Id) is { } request)
        {
            return await OnStdinAsync(request, content).ConfigureAwait(false);
        }

        (string? malformed, bool answers) = OnRecord(header, content);
        if (answers)
        {
            await _output.FlushAsync().ConfigureAwait(false);
        }

        return malformed;
    }

    private (string? Malformed, bool Answers) OnRecord(RecordHeader header, in ReadOnlySequence<byte> content)
    {
        switch (header.Type)
        {
            case RecordType.BeginRequest:
                return OnBegin(header.Id, content);
            case RecordType.AbortRequest:
                return (null, OnAbort(header.Id));
            case RecordType.Params:
                // Records of requests that have ended come late, and mean nothing (section 3.3).
                return (Find(header.Id) is { } request ? OnParams(request, content) : null, false);
            case RecordType.Stdin or RecordType.Data:
                return (null, false);
            case RecordType.GetValues when header.Id == 0:
                if (Values.Answer(content.ToArray(), listener.Config.LimitConcurrency) is not { } answer)
                {
                    return ("the lengths in its FCGI_GET_VALUES do not add up", false);
                }

                _output.WriteManagement(RecordType.GetValuesResult, answer);
                return (null, true);
            default:
                // Section 4.2.
                _output.WriteManagement(RecordType.UnknownType, [(byte)header.Type, 0, 0, 0, 0, 0, 0, 0]);
                return (null, true);
        }
    }

    private (string? Malformed, bool Answers) OnBegin(ushort id, in ReadOnlySequence<byte> content)
    {
        if (content.Length != 8 || id == 0)
        {
            return ("its FCGI_BEGIN_REQUEST is malformed", false);
        }

        Span<byte> body = stackalloc byte[8];
        content.CopyTo(body);
        ushort role = BinaryPrimitives.ReadUInt16BigEndian(body);
        bool keeps = (body[2] & KeepConnection) != 0;
        ProtocolStatus refusal = ProtocolStatus.RequestComplete;
        lock (_gate)
        {
            if (_requests.ContainsKey(id))
            {
                return (string.Create(CultureInfo.InvariantCulture, $"it begins the request {id} a second time"), false);
            }

            refusal = role != Responder ? ProtocolStatus.UnknownRole
                : _isEnding || _requests.Count >= MostRequests ? ProtocolStatus.Overloaded
                : ProtocolStatus.RequestComplete;
            _wasUsed = true;
            if (refusal == ProtocolStatus.RequestComplete)
            {
                _requests.Add(id, new FastCgiRequest(id, keeps));
                return (null, false);
            }

            _isEnding |= !keeps;
        }

        _output.WriteEnd(id, refusal, hasOutput: false);
        return (null, true);
    }

    /// <summary>True: the end of the request was written.</summary>
    private bool OnAbort(ushort id)
    {
        if (Find(id) is not { } request)
        {
            return false;
        }

        if (request.Exchange is { } exchange)
        {
            exchange.Abort();
            return false;
        }

        lock (_gate)
        {
            _requests.Remove(id);
            _isEnding |= !request.KeepsConnection;
        }

        _output.WriteEnd(id, ProtocolStatus.RequestComplete, hasOutput: false);
        return true;
    }

    private string? OnParams(FastCgiRequest request, in ReadOnlySequence<byte> content)
    {
        if (request.Variables is not null)
        {
            return "it has FCGI_PARAMS behind their end";
        }

        if (!content.IsEmpty)
        {
            return request.TryAdd(content) ? null : string.Create(CultureInfo.InvariantCulture, $"its variables are longer than {ushort.MaxValue} bytes");
        }

        CgiRequest variables = new();
        ReadOnlySpan<byte> rest = request.Params;
        while (!rest.IsEmpty)
        {
            if (!NameValuePairs.TryTake(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
            {
                return "the lengths of its variables do not add up";
            }

            if (variables.Add(name, value) is { } cause)
            {
                return cause;
            }
        }

        if (variables.Complete(listener.Config) is { } incomplete)
        {
            return incomplete;
        }

        request.Variables = variables;
        request.DropParams();
        if (variables.ContentLength is { } length)
        {
            // Else the first record of the body tells whether there is one.
            Start(request, length);
        }

        return null;
    }

    private async ValueTask<string?> OnStdinAsync(FastCgiRequest request, ReadOnlySequence<byte> content)
    {
        if (request.Variables is null)
        {
            return content.IsEmpty ? null : "its body begins before the end of the variables";
        }

        if (request.Exchange is null)
        {
            Start(request, content.IsEmpty ? 0 : null);
        }

        if (request.Body is not { } body)
        {
            return null;
        }

        if (content.IsEmpty)
        {
            request.Body = null;
            await body.CompleteAsync().ConfigureAwait(false);
            return null;
        }

        long wanted = Math.Min(request.BodyLeft, content.Length);
        foreach (ReadOnlyMemory<byte> part in content.Slice(0, wanted))
        {
            body.Write(part.Span);
        }

        request.BodyLeft -= wanted;
        FlushResult flush = await body.FlushAsync().ConfigureAwait(false);
        if (flush.IsCompleted || request.BodyLeft == 0)
        {
            request.Body = null;
            await body.CompleteAsync().ConfigureAwait(false);
        }

        return null;
    }

    private void Start(FastCgiRequest request, long? length)
    {
        Pipe? body = length == 0 ? null : new Pipe(_bodyOptions);
        FastCgiExchange exchange = new(connection, request.Variables!, request.Id, body?.Reader, _output);
        request.Body = body?.Writer;
        request.BodyLeft = length ?? long.MaxValue;
        lock (_gate)
        {
            _running++;
            request.Exchange = exchange;
        }

        _ = AnswerAsync(request, exchange);
    }

    private FastCgiRequest? Find(ushort id)
    {
        lock (_gate)
        {
            return _requests.GetValueOrDefault(id);
        }
    }
}
