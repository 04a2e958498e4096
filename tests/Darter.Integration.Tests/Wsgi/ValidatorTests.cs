using System.Net;

namespace Darter.Integration.Tests.Wsgi;

/// <summary>wsgiref.validate finds nothing to complain about.</summary>
public class ValidatorTests(ServerPool pool) : ServerTest(pool)
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE"];

    private static readonly string[] Paths = ["/", "/lines", "/write", "/pieces", "/caf%C3%A9?q=%20"];

    public static MatrixTheoryData<string, HttpProtocol, string, string> PythonsProtocolsMethodsAndPaths =>
        new(Rows.Pythons, Rows.Protocols, Methods, Paths);

    [Theory]
    [MemberData(nameof(PythonsProtocolsMethodsAndPaths))]
    public async Task Server_WithAValidatedApplication_KeepsToPep3333(string python, HttpProtocol protocol, string method, string path)
    {
        DarterServer server = await ShareCoreAsync(python);
        using var client = new CoreClient(server, protocol, "validated");
        const string Body = "one\ntwo and more\nthree\n";
        using HttpResponseMessage response = await client.SendAsync(
            new HttpMethod(method), path, method is "POST" or "PUT" ? new StringContent(Body) : null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(method, response.Headers.GetValues("X-Method").Single());
        string expected = method switch { "POST" or "PUT" => Body, "HEAD" => "", _ => "nothing" };
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
