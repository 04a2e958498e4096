using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Text;
using Darter.Server.Configuration;
using Darter.Wire;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Protocols;

/// <summary>
/// A request made of variables (RFC 3875), one after another. Of several variables of one name the last counts, as in uWSGI,
/// so that a web server's configuration can override what it includes.
/// </summary>
internal sealed class CgiRequest
{
    // RFC 9112, section 2.3: more digits than any body has.
    private const int LongestLength = 18;

    private static readonly SearchValues<byte> s_token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> s_lineBreaks = SearchValues.Create("\r\n\0"u8);

    private readonly ArrayBufferWriter<byte> _variables = new(256);
    private string? _requestUri;
    private string? _scriptName;
    private string? _pathInfo;
    private string? _query;
    private string _https = "";
    private string _scheme = "";
    private string _uwsgiScheme = "";
    private int _fieldBytes;

    /// <summary>Method.</summary>
    internal string Method { get; private set; } = "";

    /// <summary>Path and query; set by <see cref="Complete"/>.</summary>
    internal string Target { get; private set; } = "";

    /// <summary>The client's version of HTTP, as the HTTP server writes it.</summary>
    internal string Protocol { get; private set; } = "HTTP/1.1";

    /// <summary>"http" or "https": of the client's connection.</summary>
    internal string Scheme { get; private set; } = "http";

    /// <summary>Header fields.</summary>
    internal IHeaderDictionary Headers { get; } = new HeaderDictionary();

    /// <summary>Length of the body; null: it was not said.</summary>
    internal long? ContentLength { get; private set; }

    /// <summary>Whether there is a REMOTE_ADDR.</summary>
    internal bool HasRemoteAddress { get; private set; }

    /// <summary>The client's address; null: it has none, or it was not said.</summary>
    internal IPAddress? RemoteAddress { get; private set; }

    /// <summary>The client's port, or 0.</summary>
    internal ushort RemotePort { get; private set; }

    /// <summary>The server's name, or empty.</summary>
    internal byte[] ServerName { get; private set; } = [];

    /// <summary>The server's port, or 0.</summary>
    internal ushort ServerPort { get; private set; }

    /// <summary>Whether the application is mounted somewhere; the variables have SCRIPT_NAME then.</summary>
    internal bool HasScriptName { get; private set; }

    /// <summary>The number of variables that are not part of an HTTP request.</summary>
    internal ushort VariableCount { get; private set; }

    /// <summary>Those variables, as <see cref="IRequestVariables.Variables"/>.</summary>
    internal ReadOnlyMemory<byte> Variables => _variables.WrittenMemory;

    /// <summary>Status that the request is to be refused with, or 0; set by <see cref="Complete"/>.</summary>
    internal int Refusal { get; private set; }

    /// <summary>Takes a variable. What is returned says what is wrong with it; null: nothing.</summary>
    internal string? Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty || name.ContainsAnyExcept(s_token))
        {
            return "the name of a variable is empty, or has characters that a name cannot have";
        }

        if (name.StartsWith("HTTP_"u8) && name.Length > 5)
        {
            return AddField(name, value);
        }

        CgiVariable variable = CgiNames.Find(name);
        if (variable == CgiVariable.Other)
        {
            return AddVariable(name, value);
        }

        return value.ContainsAny(s_lineBreaks) ? ControlCharacter(name) : Set(variable, value);
    }

    /// <summary>All variables were there. What is returned says what is wrong; null: nothing.</summary>
    internal string? Complete(ServerConfig config)
    {
        if (Method.Length == 0)
        {
            return "there is no REQUEST_METHOD";
        }

        if (!CgiTarget.TryFind(_requestUri, _scriptName, _pathInfo, _query, out string target, out string mount))
        {
            return "there is neither a REQUEST_URI nor a PATH_INFO";
        }

        Target = target;
        HasScriptName = mount.Length > 0;
        if (HasScriptName)
        {
            _ = AddVariable("SCRIPT_NAME"u8, Encoding.Latin1.GetBytes(mount));
        }

        // As uWSGI: UWSGI_SCHEME, else HTTPS, else what nginx and Apache say anyway.
        Scheme = _uwsgiScheme.Length > 0 ? (IsHttps(_uwsgiScheme) ? "https" : "http")
            : _https.Length > 0 ? (_https is "1" || _https.Equals("on", StringComparison.OrdinalIgnoreCase) ? "https" : "http")
            : IsHttps(_scheme) ? "https" : "http";
        if (ContentLength is not null)
        {
            Headers.ContentLength = ContentLength;
        }

        if (ServerName.Length == 0 && ServerPort != 0)
        {
            // A server without a name says an empty one; the client has called it something.
            string host = new HostString(Headers.Host.ToString()).Host;
            ServerName = host.Length <= byte.MaxValue ? Encoding.Latin1.GetBytes(host) : [];
        }

        Refusal = Method.Length + target.Length + 11 > config.LimitRequestLine ? StatusCodes.Status414UriTooLong
            : Headers.Count > config.LimitRequestFields || _fieldBytes > config.LimitRequestHeaders ? StatusCodes.Status431RequestHeaderFieldsTooLarge
            : 0;
        return null;
    }

    private string? AddField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.ContainsAny(s_lineBreaks))
        {
            return ControlCharacter(name);
        }

        if (CgiNames.FieldOf(name[5..]) is { } field)
        {
            Headers[field] = Encoding.Latin1.GetString(value.Trim(" \t"u8));

            // As a line of HTTP/1.1 would count.
            _fieldBytes += field.Length + value.Length + 4;
        }

        return null;
    }

    private string? AddVariable(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // What has a dot is WSGI's or the server's own, and no text.
        if (!name.Contains((byte)'.'))
        {
            Span<byte> destination = _variables.GetSpan(4 + name.Length + value.Length);
            _variables.Advance(HeaderBlock.WriteField(destination, name, value));
            VariableCount++;
        }

        return null;
    }

    private string? Set(CgiVariable variable, ReadOnlySpan<byte> value)
    {
        switch (variable)
        {
            case CgiVariable.Method:
                return SetMethod(value);
            case CgiVariable.ContentLength:
                return SetLength(value);
            case CgiVariable.RequestUri:
                _requestUri = Encoding.Latin1.GetString(value);
                break;
            case CgiVariable.ScriptName:
                return SetPath(value, "SCRIPT_NAME", ref _scriptName);
            case CgiVariable.PathInfo:
                return SetPath(value, "PATH_INFO", ref _pathInfo);
            case CgiVariable.QueryString:
                _query = Encoding.Latin1.GetString(value);
                break;
            case CgiVariable.Protocol:
                Protocol = ProtocolOf(value);
                break;
            case CgiVariable.ServerName:
                ServerName = value.Length <= byte.MaxValue ? value.ToArray() : [];
                break;
            case CgiVariable.ServerPort:
                ServerPort = PortOf(value);
                break;
            case CgiVariable.RemoteAddress:
                HasRemoteAddress = !value.IsEmpty;
                RemoteAddress = IPAddress.TryParse(Encoding.Latin1.GetString(value), out IPAddress? address) ? address : null;
                break;
            case CgiVariable.RemotePort:
                RemotePort = PortOf(value);
                break;
            case CgiVariable.ContentType:
                SetType(value);
                break;
            case CgiVariable.Https:
                _https = Encoding.Latin1.GetString(value);
                return AddVariable("HTTPS"u8, value);
            case CgiVariable.Scheme:
                _scheme = Encoding.Latin1.GetString(value);
                return AddVariable("REQUEST_SCHEME"u8, value);
            default:
                _uwsgiScheme = Encoding.Latin1.GetString(value);
                return AddVariable("UWSGI_SCHEME"u8, value);
        }

        return null;
    }

    private string? SetMethod(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.ContainsAnyExcept(s_token))
        {
            return "REQUEST_METHOD is no method";
        }

        Method = value.SequenceEqual("GET"u8) ? HttpMethods.Get
            : value.SequenceEqual("POST"u8) ? HttpMethods.Post
            : Encoding.Latin1.GetString(value);
        return null;
    }

    private string? SetLength(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return null;
        }

        if (value.Length > LongestLength || value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !Utf8Parser.TryParse(value, out long length, out _))
        {
            return "CONTENT_LENGTH is no number";
        }

        if (ContentLength is { } before && before != length)
        {
            // Two programs that believe different ones find different ends of the body.
            return "CONTENT_LENGTH contradicts itself";
        }

        ContentLength = length;
        return null;
    }

    private static string? SetPath(ReadOnlySpan<byte> value, string name, ref string? path)
    {
        if (!value.IsEmpty && value[0] != '/')
        {
            return $"{name} does not begin with a slash";
        }

        path = Encoding.Latin1.GetString(value);
        return null;
    }

    private void SetType(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            Headers.Remove("content-type");
        }
        else
        {
            Headers["content-type"] = Encoding.Latin1.GetString(value);
            _fieldBytes += "content-type".Length + value.Length + 4;
        }
    }

    private static string ProtocolOf(ReadOnlySpan<byte> value) =>
        value.SequenceEqual("HTTP/1.0"u8) ? "HTTP/1.0"
        : value.SequenceEqual("HTTP/2.0"u8) || value.SequenceEqual("HTTP/2"u8) ? "HTTP/2"
        : value.SequenceEqual("HTTP/3.0"u8) || value.SequenceEqual("HTTP/3"u8) ? "HTTP/3"
        : "HTTP/1.1";

    private static bool IsHttps(string scheme) => scheme.Equals("https", StringComparison.OrdinalIgnoreCase);

    private static ushort PortOf(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out ushort port, out int length) && length == value.Length ? port : (ushort)0;

    private static string ControlCharacter(ReadOnlySpan<byte> name) =>
        $"the variable {Encoding.Latin1.GetString(name)} has a line break or a NUL";
}
