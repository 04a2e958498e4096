using Darter.Server.Configuration;
using Darter.Server.Tls.Acme;

namespace Darter.Server.Tls;

/// <summary>The files that https needs, looked at before a server is started.</summary>
public static class TlsFiles
{
    /// <summary>What is wrong with them; null: a server can use them.</summary>
    public static string? FindProblem(TlsConfig config)
    {
        try
        {
            _ = new CertificateSet(config);
            _ = config.Acme is { } acme ? AcmeTransport.LoadRoots(acme) : null;
            return null;
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
    }
}
