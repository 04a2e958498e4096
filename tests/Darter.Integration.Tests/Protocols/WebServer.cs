using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Protocols;

/// <summary>A real web server, nginx or Apache, that passes what is below /m/ on to a server over a gateway protocol.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private WebServer(Process process, string folder, ServerAddress address)
    {
        _process = process;
        _folder = folder;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public ServerAddress Address { get; }

    /// <summary>Starts one.</summary>
    /// <param name="name">nginx or apache.</param>
    /// <param name="protocol">uwsgi, fastcgi or scgi.</param>
    /// <param name="backend">The server behind it.</param>
    public static async Task<WebServer> StartAsync(string name, string protocol, ServerAddress backend)
    {
        string program = name == "nginx" ? "/usr/sbin/nginx" : "/usr/sbin/apache2";
        Assert.SkipUnless(File.Exists(program), $"There is no {program}: apt-get install {(name == "nginx" ? "nginx" : "apache2-bin")}");
        while (true)
        {
            if (await TryStartAsync(name, program, protocol, backend) is { } server)
            {
                return server;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            LinuxProcess.Send(_process.Id, Signal.Terminate);
        }

        try
        {
            await Wait.For(_process.WaitForExitAsync(), "the end of the web server");
        }
        finally
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Null: its port was taken meanwhile.</summary>
    private static async Task<WebServer?> TryStartAsync(string name, string program, string protocol, ServerAddress backend)
    {
        string folder = Directory.CreateTempSubdirectory("darter-web-").FullName;
        string file = Path.Combine(folder, "web.conf");
        EndPoint endPoint = name == "nginx" ? new UnixDomainSocketEndPoint(Path.Combine(folder, "web.sock")) : FreePort();
        await File.WriteAllTextAsync(file, name == "nginx" ? NginxConfiguration(folder, protocol, backend) : ApacheConfiguration(folder, (IPEndPoint)endPoint, protocol, backend));
        string[] arguments = name == "nginx" ? ["-c", file, "-p", folder, "-e", Path.Combine(folder, "error.log")] : ["-X", "-f", file];
        Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        WebServer server = new(process, folder, new ServerAddress(endPoint, "example.org"));
        await Wait.Until(async () => process.HasExited || await IsReachedAsync(server.Address), () => $"{name} to listen");
        if (!process.HasExited)
        {
            return server;
        }

        string said = await errors;
        await server.DisposeAsync();
        return said.Contains("already in use", StringComparison.Ordinal) ? null : throw new InvalidOperationException($"{name} ended: {said}");
    }

    private static async Task<bool> IsReachedAsync(ServerAddress address)
    {
        try
        {
            (await address.ConnectAsync()).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IPEndPoint FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    // Without request buffering nginx says what it has of a body as CONTENT_LENGTH of SCGI.
    private static string NginxConfiguration(string folder, string protocol, ServerAddress backend)
    {
        string target = backend.EndPoint is UnixDomainSocketEndPoint unix ? $"unix:{unix}" : $"{backend.EndPoint}";
        return $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events { worker_connections 64; }
            http {
                access_log off;
                client_max_body_size 0;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                upstream backend { server {{target}}; keepalive 2; }
                server {
                    listen unix:{{folder}}/web.sock;
                    server_name example.org;
                    location ~ ^(?<mount>/m)(?<below>/.*)$ {
                        include /etc/nginx/{{protocol}}_params;
                        {{protocol}}_param SCRIPT_NAME $mount;
                        {{protocol}}_param PATH_INFO $below;
                        {{protocol}}_param REMOTE_ADDR 203.0.113.9;
                        {{protocol}}_param REMOTE_PORT 4711;
                        {{protocol}}_param HTTPS on;
                        {{protocol}}_param REMOTE_USER joe;
                        {{protocol}}_param OWN_THING "one two";
                        {{(protocol == "scgi" ? "" : $"{protocol}_request_buffering off;")}}
                        {{protocol}}_buffering off;
                        {{(protocol == "fastcgi" ? "fastcgi_keep_conn on;" : "")}}
                        {{protocol}}_pass backend;
                    }
                    location / { root {{folder}}; }
                }
            }
            """;
    }

    private static string ApacheConfiguration(string folder, IPEndPoint listener, string protocol, ServerAddress backend)
    {
        const string Modules = "/usr/lib/apache2/modules";
        string scheme = protocol == "fastcgi" ? "fcgi" : protocol;
        string target = backend.EndPoint is UnixDomainSocketEndPoint unix ? $"unix:{unix}|{scheme}://localhost" : $"{scheme}://{backend.EndPoint}";
        return $"""
            ServerRoot "{folder}"
            DefaultRuntimeDir "{folder}"
            PidFile "{folder}/apache.pid"
            ErrorLog "{folder}/error.log"
            ServerName example.org
            UseCanonicalName On
            Listen {listener}
            LoadModule mpm_event_module {Modules}/mod_mpm_event.so
            LoadModule authz_core_module {Modules}/mod_authz_core.so
            LoadModule env_module {Modules}/mod_env.so
            LoadModule proxy_module {Modules}/mod_proxy.so
            LoadModule proxy_{scheme}_module {Modules}/mod_proxy_{scheme}.so
            {(Environment.IsPrivilegedProcess ? "User www-data\nGroup www-data" : "")}
            SetEnv OWN_THING "one two"
            ProxyPass "/m/" "{target}/" flushpackets=on
            """;
    }
}
