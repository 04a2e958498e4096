using System.Text.Json;

namespace Darter.Integration.Tests.Targets;

/// <summary>Every way to name an application.</summary>
public class TargetTests(ServerPool pool) : ServerTest(pool)
{
    private const string Request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    private static readonly string Folder = RepositoryPaths.WsgiApp("targets");

    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [InlineData(null, "app.py")]
    [InlineData(".", "app.py")]
    [InlineData("shop", "shop application")]
    [InlineData("shop:application", "shop application")]
    [InlineData("shop:other", "shop other")]
    [InlineData("shop:partial", "shop partial")]
    [InlineData("shop:Iterable", "shop class")]
    [InlineData("shop:instance", "shop instance")]
    [InlineData("shop:instance.method", "shop method")]
    [InlineData("shop:site.wsgi.entry", "shop site.wsgi.entry")]
    [InlineData("shop:site.wsgi.make()", "shop made")]
    [InlineData("shop:create()", "shop create nobody False None")]
    [InlineData("shop:create('x', debug=True, options={\"a\": [1, None]})", "shop create x True {'a': [1, None]}")]
    [InlineData("only_app", "only app")]
    [InlineData("only_create", "only create_app None")]
    [InlineData("only_make", "only make_app")]
    [InlineData("package", "package")]
    [InlineData("./package", "package")]
    [InlineData("package.web", "package as package.web")]
    [InlineData("package.deep.web:application", "package as package.deep.web")]
    [InlineData("package/web.py", "package as package.web")]
    [InlineData("package/deep/web.py:application", "package as package.deep.web")]
    [InlineData("shop.py", "shop application")]
    [InlineData("./shop.py:other", "shop other")]
    [InlineData("shop.py:create('y')", "shop create y False None")]
    [InlineData("not-a-name.py", "not-a-name.py in not-a-name")]
    [InlineData("clash/types.py", "clash/types.py")]
    [InlineData("folder_with_wsgi", "folder_with_wsgi")]
    [InlineData("folder_with_main/", "folder_with_main")]
    public async Task Target_OfEachForm_IsServed(string? target, string expected)
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = target, WorkingDirectory = Folder });
        Assert.Equal(expected, (await RawConnection.ExchangeAsync(server.Address, Request)).Text);
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Target_OnEachInterpreter_IsServed(string python)
    {
        DarterServer server = await StartAsync(
            new DarterServerOptions { Target = "shop:create('x', debug=True)", WorkingDirectory = Folder, Python = PythonInterpreters.Get(python) });
        Assert.Equal("shop create x True None", (await RawConnection.ExchangeAsync(server.Address, Request)).Text);
    }

    [Fact]
    public async Task Target_OfAbsolutePath_IsServedFromAnywhere()
    {
        string elsewhere = TemporaryFolder();
        DarterServer server = await StartAsync(new DarterServerOptions { Target = Path.Combine(Folder, "where.py"), WorkingDirectory = elsewhere });
        JsonElement where = await WhereAsync(server);
        Assert.Equal(elsewhere, where.GetProperty("cwd").GetString());
        Assert.Equal([Folder, elsewhere], First(where, 2));
        Assert.Equal("where", where.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("where:application")]
    [InlineData("where.py")]
    public async Task Chdir_Given_IsTheFolderOfTheApplication(string target)
    {
        DarterServer server = await StartAsync(
            new DarterServerOptions { Target = target, WorkingDirectory = TemporaryFolder(), Arguments = ["--chdir", Folder] });
        JsonElement where = await WhereAsync(server);
        Assert.Equal(Folder, where.GetProperty("cwd").GetString());
        Assert.Equal([Folder], First(where, 1));
    }

    [Fact]
    public async Task Chdir_Relative_StartsAtTheCurrentFolder()
    {
        DarterServer server = await StartAsync(
            new DarterServerOptions { Target = null, WorkingDirectory = Path.GetDirectoryName(Folder)!, Arguments = ["--chdir", "targets"] });
        Assert.Equal("app.py", (await RawConnection.ExchangeAsync(server.Address, Request)).Text);
    }

    [Fact]
    public async Task Target_OnPythonPath_IsServed()
    {
        DarterServer server = await StartAsync(
            new DarterServerOptions { Target = "shop:other", Environment = new Dictionary<string, string?> { ["PYTHONPATH"] = Folder } });
        Assert.Equal("shop other", (await RawConnection.ExchangeAsync(server.Address, Request)).Text);
    }

    private static async Task<JsonElement> WhereAsync(DarterServer server) => (await RawConnection.ExchangeAsync(server.Address, Request)).Json;

    private static List<string?> First(JsonElement where, int count) =>
        where.GetProperty("path").EnumerateArray().Take(count).Select(entry => entry.GetString()).ToList();
}
