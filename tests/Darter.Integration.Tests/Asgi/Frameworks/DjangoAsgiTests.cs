using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Darter.Integration.Tests.Frameworks;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>A Django project on ASGI, named by its module and by its folder: views of both kinds, files, streams.</summary>
public class DjangoAsgiTests(ServerPool pool) : FrameworkTest(pool)
{
    private static readonly string Project = RepositoryPaths.AsgiApp("django_asgi");

    public static MatrixTheoryData<string, HttpProtocol> TargetsAndProtocols => new(["module", "folder"], Rows.Protocols);

    [Theory]
    [MemberData(nameof(TargetsAndProtocols))]
    public async Task AsynchronousViews_WaitSideBySide(string target, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(target, protocol);
        Task<string>[] answers = [.. Enumerable.Range(0, 10).Select(_ => client.GetStringAsync($"/async/?port={gate.Port}", Cancellation))];
        var arrivals = new List<Gate.Arrival>();
        while (arrivals.Count < answers.Length)
        {
            arrivals.Add(await gate.ReachedAsync("in_view"));
        }

        Assert.Equal("hello", await client.GetStringAsync("/", Cancellation));
        arrivals.ForEach(arrival => arrival.Release());
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("""{"interface": "ASGIRequest", "task": true}""", answer));
    }

    [Theory]
    [MemberData(nameof(TargetsAndProtocols))]
    public async Task SynchronousViews_RunInAThread(string target, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(target, protocol);
        JsonElement answer = await ReadJsonAsync(client.GetAsync("/sync/", Cancellation));
        Assert.Equal("ASGIRequest", answer.GetProperty("interface").GetString());
        Assert.Equal("/sync/", answer.GetProperty("path").GetString());
        Assert.False(answer.GetProperty("loop").GetBoolean());
        Assert.False(answer.GetProperty("main").GetBoolean());
    }

    [Theory]
    [MemberData(nameof(TargetsAndProtocols))]
    public async Task Pages_WithCookies_AreServed(string target, HttpProtocol protocol)
    {
        var cookies = new CookieContainer();
        using HttpClient client = ServerClient.Create((await ShareDjangoAsync(target)).Address, protocol, cookies);
        Assert.Equal("Hello, café &! ü", await client.GetStringAsync("/hello/caf%C3%A9%20%26?q=%C3%BC", Cancellation));
        Assert.Equal(["first", "second"], cookies.GetCookies(client.BaseAddress!).Select(cookie => cookie.Name).Order());
        using HttpResponseMessage slash = await client.GetAsync("/sync", Cancellation);
        Assert.Equal((HttpStatusCode.MovedPermanently, "/sync/"), (slash.StatusCode, slash.Headers.Location?.OriginalString));
    }

    [Theory]
    [MemberData(nameof(TargetsAndProtocols))]
    public async Task Upload_OfAForm_IsUnderstood(string target, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(target, protocol);
        using MultipartFormDataContent form = Upload.Create();
        Upload.AssertUnderstood(await ReadJsonAsync(client.PostAsync("/upload/", form, Cancellation)));
    }

    [Theory]
    [MemberData(nameof(TargetsAndProtocols))]
    public async Task StreamingResponse_OfManyPieces_IsWhole(string target, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(target, protocol);
        Assert.Equal(
            (HttpStatusCode.OK, string.Concat(Enumerable.Range(0, 20000).Select(number => $"line {number}\n"))),
            await ReadAsync(client.GetAsync("/stream/?count=20000", Cancellation)));
    }

    [Theory]
    [MemberData(nameof(TargetsAndProtocols))]
    public async Task FileResponse_SendsTheFile(string target, HttpProtocol protocol)
    {
        byte[] content = RandomNumberGenerator.GetBytes(1_500_000);
        string path = Path.Combine(TemporaryFolder(), "file.bin");
        await File.WriteAllBytesAsync(path, content, Cancellation);
        DarterServer server = await ShareDjangoAsync(target);
        using HttpClient client = Client(server, protocol);
        using HttpResponseMessage response = await client.GetAsync($"/file/?path={path}", Cancellation);
        Assert.Equal(content.Length, response.Content.Headers.ContentLength);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync(Cancellation));
        await Wait.Until(() => !server.Workers.SelectMany(LinuxProcess.Descriptors).Contains(path), "the worker to close the file");
    }

    [Theory]
    [MemberData(nameof(TargetsAndProtocols))]
    public async Task Errors_OfADebuggedProject_AreItsOwnPages(string target, HttpProtocol protocol)
    {
        DarterServer server = await ShareDjangoAsync(target);
        int mark = server.Log.Count;
        string word = $"word{Guid.NewGuid():N}";
        using HttpClient client = Client(server, protocol);
        (HttpStatusCode status, string text) = await ReadAsync(client.GetAsync($"/fail/?word={word}", Cancellation));
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("RuntimeError at /fail/", text, StringComparison.Ordinal);
        await server.Log.WaitForAsync($"RuntimeError: failed on purpose {word}", mark);
        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync(client.GetAsync("/nowhere/", Cancellation))).Status);
    }

    [Fact]
    public async Task Folder_WithoutTheInterface_IsServedByWsgi()
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = Project, Python = Require.SystemPython("django") });
        using HttpClient client = Client(server, HttpProtocol.Http1);
        JsonElement answer = await ReadJsonAsync(client.GetAsync("/sync/", Cancellation));
        Assert.Equal("WSGIRequest", answer.GetProperty("interface").GetString());
    }

    private static DarterServerOptions ProjectOptions(string target) => target == "folder"
        ? new DarterServerOptions { Target = Project, Arguments = ["--interface", "asgi"], Python = Require.SystemPython("django") }
        : new DarterServerOptions { Target = "project.asgi:application", WorkingDirectory = Project, Python = Require.SystemPython("django") };

    private Task<DarterServer> ShareDjangoAsync(string target) => ShareAsync(ProjectOptions(target));

    private async Task<HttpClient> ClientAsync(string target, HttpProtocol protocol) => Client(await ShareDjangoAsync(target), protocol);
}
