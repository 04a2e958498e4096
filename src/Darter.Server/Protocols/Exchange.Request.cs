using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Protocols;

/// <summary>The request.</summary>
internal abstract partial class Exchange : IHttpRequestFeature, IHttpRequestBodyDetectionFeature, IRequestBodyPipeFeature, IGatewayRequest
{
    private readonly CgiRequest _request;
    private readonly IPAddress? _remoteAddress;
    private readonly int _remotePort;
    private Stream? _bodyStream;

    /// <summary>The body.</summary>
    protected abstract BodyReader Body { get; }

    string IHttpRequestFeature.Protocol
    {
        get => _request.Protocol;
        set => throw ReadOnly();
    }

    string IHttpRequestFeature.Scheme
    {
        get => _request.Scheme;
        set => throw ReadOnly();
    }

    string IHttpRequestFeature.Method
    {
        get => _request.Method;
        set => throw ReadOnly();
    }

    string IHttpRequestFeature.PathBase
    {
        get => "";
        set => throw ReadOnly();
    }

    string IHttpRequestFeature.Path
    {
        get => CgiTarget.Decode(_request.Target.Split('?')[0]);
        set => throw ReadOnly();
    }

    string IHttpRequestFeature.QueryString
    {
        get => _request.Target.IndexOf('?', StringComparison.Ordinal) is >= 0 and int mark ? _request.Target[mark..] : "";
        set => throw ReadOnly();
    }

    string IHttpRequestFeature.RawTarget
    {
        get => _request.Target;
        set => throw ReadOnly();
    }

    IHeaderDictionary IHttpRequestFeature.Headers
    {
        get => _request.Headers;
        set => throw ReadOnly();
    }

    Stream IHttpRequestFeature.Body
    {
        get => _bodyStream ??= Body.AsStream(leaveOpen: true);
        set => throw ReadOnly();
    }

    bool IHttpRequestBodyDetectionFeature.CanHaveBody => Body.Length != 0;

    PipeReader IRequestBodyPipeFeature.Reader => Body;

    int IGatewayRequest.Refusal => _request.Refusal;

    ReadOnlyMemory<byte> IGatewayRequest.ServerName => _request.ServerName;

    ushort IGatewayRequest.ServerPort => _request.ServerPort;

    bool IGatewayRequest.HasScriptName => _request.HasScriptName;

    ushort IRequestVariables.VariableCount => _request.VariableCount;

    ReadOnlyMemory<byte> IRequestVariables.Variables => _request.Variables;

    private static NotSupportedException ReadOnly() => new("The request is what the web server says.");
}
