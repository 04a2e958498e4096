using System.Net;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Development;

/// <summary><c>manage.py runserver</c> of a project that has <c>darter.django</c>, and <c>darter dev</c> of one that has not.</summary>
public class DjangoRunserverTests(ServerPool pool) : ProjectTest(pool)
{
    private const string StyleSheet = "body { color: green }\n";

    private const string Settings =
        """
        import os
        DEBUG = os.environ.get("DEBUG", "1") == "1"
        SECRET_KEY = "a"
        ALLOWED_HOSTS = ["*"]
        INSTALLED_APPS = [FIRST"django.contrib.contenttypes", "django.contrib.staticfiles"]
        ROOT_URLCONF = "site_r.urls"
        STATIC_URL = "/static/"
        STATICFILES_DIRS = [os.path.join(os.path.dirname(__file__), "assets")]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
        USE_TZ = True

        """;

    private static PythonInterpreter Django => Require.SystemPython("django");

    [Fact]
    public async Task Runserver_ServesTheProject_WithStaticFilesAndChecks()
    {
        DarterServer server = LaunchProgram(Django, Project(), "manage.py", "runserver", "0");
        ServerAddress address = await AddressAsync(server);
        Assert.Equal((HttpStatusCode.OK, "index"), await GetAsync(address, "/"));
        Assert.Equal((HttpStatusCode.OK, StyleSheet), await GetAsync(address, "/static/site.css"));
        Assert.Contains("using settings 'site_r.settings'", server.Output.Text, StringComparison.Ordinal);
        await server.Output.WaitForAsync("System check identified no issues (0 silenced).");
        await server.Output.WaitForAsync("unapplied migration");

        // The command has become the server.
        server.Send(Signal.Interrupt);
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Runserver_AsgiWithIPv6AndWithoutReload_Serves()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6 && Directory.Exists("/proc/sys/net/ipv6"), "The system has no IPv6.");
        DarterServer server = LaunchProgram(Django, Project(), "manage.py", "runserver", "[::1]:0", "--asgi", "--noreload");
        ServerAddress address = await AddressAsync(server);
        Assert.Equal((HttpStatusCode.OK, "index"), await GetAsync(address, "/"));
        Assert.Equal((HttpStatusCode.OK, StyleSheet), await GetAsync(address, "/static/site.css"));
        Assert.Contains("System check identified no issues (0 silenced).", server.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runserver_WhenACheckFailsAfterAChange_SaysSoAndRecovers()
    {
        string project = Project();
        string settings = await File.ReadAllTextAsync(Path.Combine(project, "site_r/settings.py"), Cancellation);
        DarterServer server = LaunchProgram(Django, project, "manage.py", "runserver", "0");
        ServerAddress address = await AddressAsync(server);
        Assert.Equal((HttpStatusCode.OK, "index"), await GetAsync(address, "/"));

        Write(project, "site_r/settings.py", settings + "STATICFILES_DIRS = 'no list'\n");
        await server.Log.WaitForAsync("The STATICFILES_DIRS setting is not a tuple or list");
        await AnswersAsync(address, status => status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.InternalServerError);

        Write(project, "site_r/settings.py", settings);
        await AnswersAsync(address, status => status == HttpStatusCode.OK);
        Assert.Equal((HttpStatusCode.OK, "index"), await GetAsync(address, "/"));
    }

    [Theory]
    [InlineData("--nostatic", "1", HttpStatusCode.NotFound)]
    [InlineData("--insecure", "0", HttpStatusCode.OK)]
    [InlineData("--skip-checks", "0", HttpStatusCode.NotFound)]
    public async Task Runserver_WithAnOptionAndDebug_ServesStaticFilesOrNot(string option, string debug, HttpStatusCode expected)
    {
        string project = Project();
        Write(project, "site_r/settings.py", (await File.ReadAllTextAsync(Path.Combine(project, "site_r/settings.py"), Cancellation)) + $"DEBUG = {debug} == 1\n");
        DarterServer server = LaunchProgram(Django, project, "manage.py", "runserver", "0", option);
        ServerAddress address = await AddressAsync(server);
        Assert.Equal(expected, (await GetAsync(address, "/static/site.css")).Status);
        Assert.Equal((HttpStatusCode.OK, "index"), await GetAsync(address, "/"));
        Assert.Equal(option != "--skip-checks", server.Output.Text.Contains("System check identified", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("wsgi", ".")]
    [InlineData("asgi", ".")]
    [InlineData("auto", "..")]
    public async Task Dev_OfAProjectWithoutTheApp_ServesStaticFiles(string applicationInterface, string folder)
    {
        string outer = TemporaryFolder();
        string project = Path.Combine(outer, "backend");
        Fill(project, "");
        DarterServer server = LaunchDev(Django, Path.GetFullPath(folder, project), new Dictionary<string, string?>(), "--interface", applicationInterface);
        ServerAddress address = await AddressAsync(server);
        Assert.Equal((HttpStatusCode.OK, StyleSheet), await GetAsync(address, "/static/site.css"));
        Assert.Equal((HttpStatusCode.OK, "index"), await GetAsync(address, "/"));
        Assert.DoesNotContain("System check", server.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfAProjectInDebug_ServesNoStaticFiles()
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = Project(), Python = Django, Environment = new Dictionary<string, string?> { ["PYTHONPATH"] = Package } });
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(server.Address, "/static/site.css")).Status);
        Assert.Equal((HttpStatusCode.OK, "index"), await GetAsync(server.Address, "/"));
    }

    private static Task AnswersAsync(ServerAddress address, Func<HttpStatusCode, bool> expected) =>
        Wait.Until(async () => expected((await GetAsync(address, "/")).Status), () => "the answers of the code that was written last");

    private string Project()
    {
        string project = TemporaryFolder();
        Fill(project, "\"darter.django\", ");
        return project;
    }

    private static void Fill(string project, string apps)
    {
        Write(project, "manage.py", "import os, sys\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_r.settings')\n"
            + "if __name__ == '__main__':\n    from django.core.management import execute_from_command_line\n    execute_from_command_line(sys.argv)\n");
        Write(project, "site_r/__init__.py", "");
        Write(project, "site_r/settings.py", Settings.Replace("FIRST", apps, StringComparison.Ordinal));
        Write(project, "site_r/urls.py", "from django.http import HttpResponse\nfrom django.urls import path\n"
            + "urlpatterns = [path('', lambda request: HttpResponse('index', content_type='text/plain'))]\n");
        Write(project, "site_r/assets/site.css", StyleSheet);
    }
}
