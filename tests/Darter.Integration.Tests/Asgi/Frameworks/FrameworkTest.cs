using System.Net;
using System.Text;
using System.Text.Json;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Base of the tests of ASGI frameworks, run by the system's Python, which has their packages.</summary>
public abstract class FrameworkTest(ServerPool pool) : AsgiTest(pool)
{
    /// <summary>Each version of HTTP.</summary>
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    /// <summary>The server of a framework's application; <paramref name="behaviour"/> is the folder, perhaps with the callable.</summary>
    protected Task<DarterServer> ShareAsync(string behaviour, string module, params string[] arguments) =>
        ShareAsync(Options(behaviour, arguments) with { Python = Require.SystemPython(module) });

    /// <summary>What a response is: its status and its text.</summary>
    protected static async Task<(HttpStatusCode Status, string Text)> ReadAsync(Task<HttpResponseMessage> sent)
    {
        using HttpResponseMessage response = await sent;
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>The JSON of a response.</summary>
    protected static async Task<JsonElement> ReadJsonAsync(Task<HttpResponseMessage> sent) =>
        JsonDocument.Parse((await ReadAsync(sent)).Text).RootElement;

    /// <summary>A JSON document as the body of a request.</summary>
    protected static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>Verifies that lines come one by one, the next not before the gate's place "sent" is left.</summary>
    protected static async Task AssertComesLineByLineAsync(HttpClient client, string target, Gate gate, params string[] expected)
    {
        using HttpResponseMessage response = await BeginAsync(client, target);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        foreach (string line in expected)
        {
            Assert.Equal(line, await Wait.For(body.ReadLineAsync(Cancellation).AsTask(), $"the line {line}"));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Null(await Wait.For(body.ReadLineAsync(Cancellation).AsTask(), "the end of the body"));
    }
}
