using Darter.Server.Configuration;
using Darter.Server.Proxies;
using Darter.Wire;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Applications;

/// <summary>
/// What a trusted proxy says about the client. WSGI applications are told what Gunicorn tells them, the scheme and where they
/// are mounted; ASGI applications what uvicorn tells them, the scheme and the address.
/// </summary>
internal sealed partial class HttpStream
{
    // Whose fields are looked for: null if the peer is not trusted.
    private readonly ProxyFields? _proxyFields;
    private readonly bool _isProxied;
    private bool _hasProxyFields;
    private byte[]? _forwardedHost;
    private bool? _forwardedHttps;
    private string? _scriptName;

    /// <summary>The client's address as the application is told.</summary>
    private ReadOnlySpan<byte> ToldHost => _forwardedHost ?? _clientHost;

    /// <summary>The client's port as the application is told; a proxy does not say it.</summary>
    private ushort ToldPort => _forwardedHost is null ? _clientPort : (ushort)0;

    /// <summary>Whether the client's connection is encrypted, as the application is told.</summary>
    private bool IsToldHttps => _forwardedHttps ?? _request.Scheme == "https";

    private bool MayHaveScriptName => _hasProxyFields
        || _proxyFields is { AllowsAllForwarders: true }
        || _application.Config.HeaderMap == HeaderMap.Dangerous;

    private void ResetForwarding()
    {
        _forwardedHost = null;
        _forwardedHttps = null;
        _scriptName = null;
    }

    /// <summary>Reads what a proxy says, for an application of this interface. False: the request was refused.</summary>
    private bool ReadForwarding(ApplicationInterface application)
    {
        if (application != ApplicationInterface.Wsgi)
        {
            if (_hasProxyFields)
            {
                _forwardedHttps = ForwardedScheme.Read(_request.Headers);
                _forwardedHost = ForwardedClient.HostOf(_request.Headers, _application.Config.Proxy.Forwarders);
            }

            return true;
        }

        ProxyConfig proxy = _application.Config.Proxy;
        if (_hasProxyFields && !ForwardedScheme.TryRead(_request.Headers, proxy.SecureSchemeHeaders, out _forwardedHttps))
        {
            Refuse(StatusCodes.Status400BadRequest, "its fields of --secure-scheme-headers contradict each other");
            return false;
        }

        if (MayHaveScriptName && _request.Headers[ProxyFields.ScriptName] is { Count: > 0 } values && values[^1] is { Length: > 0 } name)
        {
            if (!TargetOf(_request).StartsWith(name, StringComparison.Ordinal))
            {
                Refuse(StatusCodes.Status500InternalServerError, $"its path does not begin with '{name}', which a proxy sent as SCRIPT_NAME (--forwarder-headers)");
                return false;
            }

            _scriptName = name;
        }

        return true;
    }

    /// <summary>Whether a field with an underscore in its name is passed on.</summary>
    private bool AllowsUnderscore(string name) => _proxyFields is { } fields && fields.AllowsUnderscore(name);

    private void Refuse(int status, string cause)
    {
        PythonApplication.Log.RequestFailed(_application.Logger, _request.Method, _request.RawTarget, $"answered {status}", cause);
        Fail(status);
    }
}
