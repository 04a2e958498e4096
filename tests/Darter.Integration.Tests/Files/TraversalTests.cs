
namespace Darter.Integration.Tests.Files;

/// <summary>Attempts to get at what is not in the folder.</summary>
public sealed class TraversalTests(ServerPool pool) : FilesTest(pool)
{
    [Theory]
    [InlineData("/../secret.txt")]
    [InlineData("/..%2fsecret.txt")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/%2E%2E%2Fsecret.txt")]
    [InlineData("/.%2e/secret.txt")]
    [InlineData("/sub/../../secret.txt")]
    [InlineData("/sub/%2e%2e/%2e%2e/secret.txt")]
    [InlineData("/sub/..")]
    [InlineData("/./open.txt")]
    [InlineData("/..\\secret.txt")]
    [InlineData("/..%5csecret.txt")]
    [InlineData("/%5c..%5csecret.txt")]
    [InlineData("/%c0%ae%c0%ae/secret.txt")]
    [InlineData("/%c0%ae%c0%ae%c0%afsecret.txt")]
    [InlineData("/%e0%80%ae%e0%80%ae/secret.txt")]
    [InlineData("/%252e%252e/secret.txt")]
    [InlineData("/%252e%252e%252fsecret.txt")]
    [InlineData("/..;/secret.txt")]
    [InlineData("/..%3b/secret.txt")]
    [InlineData("/sub/..;/..;/secret.txt")]
    [InlineData("/....//secret.txt")]
    [InlineData("//../secret.txt")]
    [InlineData("/~root/secret.txt")]
    [InlineData("/link-out.txt")]
    [InlineData("/link-out-absolute.txt")]
    [InlineData("/folder-out/secret.txt")]
    [InlineData("/folder-out/")]
    [InlineData("/link-to-link")]
    [InlineData("/loop")]
    [InlineData("/.hidden/file.txt")]
    [InlineData("/.hidden/")]
    [InlineData("/%2ehidden/file.txt")]
    [InlineData("/sub/.env")]
    [InlineData("/.well-known/.secret")]
    [InlineData("/proc-link/environ")]
    [InlineData("/open.txt/")]
    [InlineData("/open.txt%2f")]
    [InlineData("/open.txt/x")]
    [InlineData("/open.txt%20")]
    [InlineData("http://a/../secret.txt")]
    [InlineData("http://a/%2e%2e/secret.txt")]
    public async Task Get_OfWhatIsNotServed_Is404(string target)
    {
        DarterServer server = await ServeTemptationsAsync();
        RawResponse response = await GetAsync(server, target);
        Assert.Equal(404, response.Status);
        Assert.DoesNotContain("secret", response.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/%00")]
    [InlineData("/open.txt%00.html")]
    [InlineData("/%zz")]
    [InlineData("/%2")]
    [InlineData("/%")]
    [InlineData("/open\u00ff.txt")]
    public async Task Get_OfAMalformedPath_Is400(string target)
    {
        DarterServer server = await ServeTemptationsAsync();
        RawResponse response = await GetAsync(server, target);
        Assert.Equal(400, response.Status);
    }

    [Theory]
    [InlineData("/open.txt")]
    [InlineData("/%6f%70%65n.txt")]
    [InlineData("//open.txt")]
    [InlineData("/open.txt?../../secret.txt")]
    [InlineData("http://a/open.txt")]
    [InlineData("/link-in.txt")]
    [InlineData("/link-in-absolute.txt")]
    [InlineData("/sub/link-up.txt")]
    [InlineData("/.well-known/open.txt")]
    public async Task Get_OfWhatIsServed_Is200(string target)
    {
        DarterServer server = await ServeTemptationsAsync();
        RawResponse response = await GetAsync(server, target);
        Assert.Equal(200, response.Status);
        Assert.Equal("open", response.Text);
    }

    [Fact]
    public async Task Get_OfALinkOut_WithFollowSymlinks_IsServed()
    {
        DarterServer server = await ServeTemptationsAsync("--follow-symlinks", "--dotfiles");
        Assert.Equal("secret", (await GetAsync(server, "/link-out.txt")).Text);
        Assert.Equal("secret", (await GetAsync(server, "/folder-out/secret.txt")).Text);
        Assert.Equal("hidden", (await GetAsync(server, "/.hidden/file.txt")).Text);
        Assert.Equal(404, (await GetAsync(server, "/../secret.txt")).Status);
    }

    [Fact]
    public async Task Get_OfAPipeOrADevice_Is404AndDoesNotWait()
    {
        Command("mkfifo", Path.Combine(Folder, "pipe"));
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(Folder, "socket")));
        File.CreateSymbolicLink(Path.Combine(Folder, "zero"), "/dev/zero");
        DarterServer server = await ServeAsync("--follow-symlinks");

        Assert.Equal(404, (await GetAsync(server, "/pipe")).Status);
        Assert.Equal(404, (await GetAsync(server, "/socket")).Status);
        Assert.Equal(404, (await GetAsync(server, "/zero")).Status);
        string listing = (await GetAsync(server, "/", "Accept: application/json\r\n")).Text;
        Assert.DoesNotContain("pipe", listing, StringComparison.Ordinal);
        Assert.DoesNotContain("zero", listing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_OfAVeryLongName_Is404()
    {
        DarterServer server = await ServeTemptationsAsync();
        Assert.Equal(404, (await GetAsync(server, $"/{new string('a', 300)}")).Status);
        Assert.Equal(404, (await GetAsync(server, string.Concat(Enumerable.Repeat("/a", 3000)))).Status);
    }

    [Fact]
    public async Task Redirect_OfAFolder_NeverLeadsToAnotherHost()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "evil.example", "sub dir"));
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, "//evil.example/sub%20dir?a=b");
        Assert.Equal(301, response.Status);
        Assert.Equal("/evil.example/sub%20dir/?a=b", response["Location"]);
    }

    [Fact]
    public async Task Listing_OfAFolder_ShowsNothingThatIsNotServed()
    {
        DarterServer server = await ServeTemptationsAsync();
        RawResponse response = await GetAsync(server, "/", "Accept: application/json\r\n");
        string[] names = [.. response.Json.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];
        Assert.Equal([".well-known", "sub", "link-in-absolute.txt", "link-in.txt", "open.txt"], names);
    }

    [Fact]
    public async Task Name_ThatIsNoText_CanBeListedAndOpened()
    {
        // Latin-1, from before everybody agreed on UTF-8; .NET cannot name such a file.
        Command("python3", "-c", $"open({Repr(Folder)}.encode() + b'/caf\\xe9.txt', 'w').write('open')");
        DarterServer server = await ServeAsync();
        string url = (await GetAsync(server, "/", "Accept: application/json\r\n")).Json.GetProperty("entries")[0].GetProperty("url").GetString()!;
        Assert.Equal("caf%E9.txt", url);
        Assert.Equal("open", (await GetAsync(server, $"/{url}")).Text);
        Command("rm", "-r", Folder);
    }

    private static string Repr(string text) => $"'{text}'";

    private static void Command(string file, params string[] arguments) =>
        Assert.Equal(0, Testing.Processes.Command.Run(file, arguments).ExitCode);

    private async Task<DarterServer> ServeTemptationsAsync(params string[] arguments)
    {
        Write("open.txt", "open");
        Write("sub/.env", "hidden");
        Write(".hidden/file.txt", "hidden");
        Write(".well-known/open.txt", "open");
        Write(".well-known/.secret", "hidden");
        string outside = Path.GetDirectoryName(Folder)!;
        File.WriteAllText(Path.Combine(outside, "secret.txt"), "secret");
        Link("link-out.txt", "../secret.txt");
        Link("link-out-absolute.txt", Path.Combine(outside, "secret.txt"));
        Link("folder-out", "..");
        Link("link-to-link", "link-out.txt");
        Link("loop", "loop");
        Link("proc-link", "/proc/self");
        Link("link-in.txt", "open.txt");
        Link("link-in-absolute.txt", Path.Combine(Folder, "open.txt"));
        Link("sub/link-up.txt", "../open.txt");
        return await ServeAsync(arguments);
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(Folder, name), target);
}
