using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Tls;

/// <summary>openssl's client, which can be told what to offer.</summary>
internal static class TlsClient
{
    private const string Program = "openssl";

    /// <summary>Skips the test where there is none.</summary>
    internal static void Require() => Assert.SkipUnless(Command.Exists(Program), "openssl is not installed (Debian: apt-get install openssl).");

    /// <summary>Connects, says nothing, and returns what the client tells of the handshake.</summary>
    internal static async Task<string> ConnectAsync(DarterServer server, string name, params string[] options)
    {
        CommandResult result = await Command.RunAsync(
            Program, ["s_client", "-connect", $"127.0.0.1:{server.Address.Port}", "-servername", name, .. options]);
        return result.Output + result.Errors;
    }

    /// <summary>Connects, sends a request, reads to the end, and returns what the client tells of the handshake.</summary>
    internal static async Task<string> AskAsync(DarterServer server, string name, params string[] options)
    {
        const string Request = "GET /environ HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n";
        string line = $"printf '{Request}' | {Program} s_client -ign_eof -connect 127.0.0.1:{server.Address.Port} -servername {name} {string.Join(' ', options)}";
        CommandResult result = await Command.RunAsync("/bin/sh", ["-c", line]);
        return result.Output + result.Errors;
    }
}
