namespace Darter.Cli.Importing;

/// <summary>Certificates of clients, which in Darter are a matter of the server as a whole.</summary>
internal sealed partial class NginxImport
{
    private readonly HashSet<NginxDirective> _closed = [];
    private (string Verify, string? Authorities) _clients = ("off", null);
    private bool _hasClients;

    /// <summary>Whether all servers that speak https ask the same of clients; those that ask what the server cannot ask for all keep everybody out.</summary>
    private void FindClientCertificates()
    {
        NginxDirective[] servers = [.. _servers.Where(server => server.Block!.Any(directive => directive.Name == "ssl_certificate"))];
        (string Verify, string? Authorities)[] wishes = [.. servers.Select(ClientsOf)];
        if (wishes.Length == 0 || wishes.All(wish => wish.Verify == "off"))
        {
            return;
        }

        if (wishes.Distinct().Count() == 1 && wishes[0] is { Verify: "on" or "optional", Authorities: not null })
        {
            _clients = wishes[0];
            _hasClients = true;
            return;
        }

        foreach (NginxDirective server in servers.Where((_, index) => wishes[index].Verify != "off"))
        {
            _closed.Add(server);
            Note(
                server.Block!.Last(directive => directive.Name == "ssl_verify_client"),
                "tls.client_certificates and tls.client_ca are the same for all addresses and names; until you have decided, the routes of this server deny everybody");
        }
    }

    private void FinishClientCertificates()
    {
        if (_hasClients && _certificates.Count > 0)
        {
            _result.Tls.Set("client_certificates", Toml.Text(_clients.Verify == "on" ? "required" : "optional"));
            _result.Tls.Set("client_ca", Toml.Text(_clients.Authorities!));
        }
    }

    private static (string Verify, string? Authorities) ClientsOf(NginxDirective server) =>
        (Last("ssl_verify_client", server) ?? "off", Last("ssl_client_certificate", server));

    private static string? Last(string name, NginxDirective server) => server.Block!.LastOrDefault(directive => directive.Name == name)?.First;
}
