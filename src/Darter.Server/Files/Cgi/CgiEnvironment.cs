using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Files.Cgi;

/// <summary>What a program is told of a request in its environment (RFC 3875, section 4.1).</summary>
internal static class CgiEnvironment
{
    // Of the server's own environment a program gets what it needs to run at all.
    private static readonly string[] Inherited = ["PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR", "LD_LIBRARY_PATH"];

    /// <summary>Fills it in.</summary>
    internal static void Fill(IDictionary<string, string?> variables, IFeatureCollection features, CgiScript script, string folder, string? user)
    {
        Dictionary<string, string?> inherited = Inherited.Where(variables.ContainsKey).ToDictionary(name => name, name => variables[name]);
        variables.Clear();
        foreach ((string name, string? value) in inherited)
        {
            variables[name] = value;
        }

        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        foreach ((string name, StringValues value) in request.Headers)
        {
            // HTTP_PROXY would set the proxy of what the program itself asks for. A password is none of its business, and
            // a name with an underscore could be taken for another's.
            if (!name.Contains('_', StringComparison.Ordinal)
                && !(name is "Content-Length" or "Content-Type" or "Connection")
                && !name.Equals("Proxy", StringComparison.OrdinalIgnoreCase)
                && !name.EndsWith("Authorization", StringComparison.OrdinalIgnoreCase)
                && name[0] != ':')
            {
                variables[$"HTTP_{name.ToUpperInvariant().Replace('-', '_')}"] = string.Join(name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ", value.ToArray());
            }
        }

        IHttpConnectionFeature connection = features.GetRequiredFeature<IHttpConnectionFeature>();
        int query = request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        HostString host = new(request.Headers.Host.ToString());
        variables["GATEWAY_INTERFACE"] = "CGI/1.1";
        variables["SERVER_SOFTWARE"] = "darter";
        variables["SERVER_PROTOCOL"] = request.Protocol;
        variables["SERVER_NAME"] = host.HasValue && host.Host.Length > 0 ? host.Host : connection.LocalIpAddress?.ToString() ?? "localhost";
        variables["SERVER_PORT"] = connection.LocalPort.ToString(CultureInfo.InvariantCulture);
        variables["REQUEST_METHOD"] = request.Method;
        variables["REQUEST_SCHEME"] = request.Scheme;
        variables["REQUEST_URI"] = request.RawTarget;
        variables["SCRIPT_NAME"] = script.Name;
        variables["SCRIPT_FILENAME"] = script.File;
        variables["QUERY_STRING"] = query < 0 ? "" : request.RawTarget[(query + 1)..];
        variables["REMOTE_ADDR"] = connection.RemoteIpAddress?.ToString() ?? "";
        variables["REMOTE_PORT"] = connection.RemotePort.ToString(CultureInfo.InvariantCulture);
        Set(variables, "HTTPS", request.Scheme == "https" ? "on" : null);
        Set(variables, "PATH_INFO", script.Info.Length > 0 ? script.Info : null);
        Set(variables, "PATH_TRANSLATED", script.Info.Length > 0 ? folder + script.Info : null);
        Set(variables, "CONTENT_TYPE", request.Headers.ContentType.Count > 0 ? request.Headers.ContentType.ToString() : null);
        Set(variables, "CONTENT_LENGTH", request.Headers.ContentLength?.ToString(CultureInfo.InvariantCulture));
        Set(variables, "AUTH_TYPE", user is null ? null : "Basic");
        Set(variables, "REMOTE_USER", user);
    }

    private static void Set(IDictionary<string, string?> variables, string name, string? value)
    {
        if (value is not null)
        {
            variables[name] = value;
        }
    }
}
