using System.Text.Json;
using Darter.Integration.Tests.Tls;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Configuration;

/// <summary>What docs/reference/gunicorn.md says of a setting is what becomes of it in a gunicorn.conf.py.</summary>
public class GunicornReferenceTests
{
    // They say what to do with the settings, and the last one where they are.
    private static readonly string[] NotListed = ["--check-config", "--print-config", "--config"];

    public static TheoryData<string> Settings => new(GunicornReference.Rows.Select(row => row.Name));

    [Fact]
    public void Page_Rows_AreAllOfGunicorn() => Assert.Equal(119, GunicornReference.Rows.Select(row => row.Name).Distinct().Count());

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Setting_OfEachRow_BecomesWhatTheRowSays(string name)
    {
        GunicornReferenceRow row = GunicornReference.Rows.Single(row => row.Name == name);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("darter-test-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "gunicorn.conf.py"), $"# first line\n{row.Python}\n{NeededBy(row)}", TestContext.Current.CancellationToken);
            WriteCertificate(folder.FullName);
            CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["check", "--json", "--python", PythonInterpreters.Default.Path], folder.FullName);
            string place = $"darter: {(row.Here is "same" or "called" ? "" : "note: ")}gunicorn.conf.py:2: {name}: ";
            if (row.Here == "refused")
            {
                Assert.Equal(1, result.ExitCode);
                Assert.StartsWith($"darter: gunicorn.conf.py:2: {name}: ", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
                Assert.DoesNotContain("there is no such setting", result.Errors, StringComparison.Ordinal);
                Assert.DoesNotContain("this version of Darter has no option", result.Errors, StringComparison.Ordinal);
                return;
            }

            Assert.True(result.ExitCode == 0, result.Errors);
            using JsonDocument report = JsonDocument.Parse(result.Output);
            switch (row.Here)
            {
                case "same":
                    if (!NotListed.Contains(row.Option))
                    {
                        JsonElement setting = report.RootElement.GetProperty("settings").GetProperty((row.Option ?? "--target")[2..].Replace('-', '_'));
                        Assert.Equal("gunicorn.conf.py", setting.GetProperty("from").GetString());
                        Assert.Equal(2, setting.GetProperty("line").GetInt32());
                    }

                    break;
                case "called":
                    Assert.Equal([name], report.RootElement.GetProperty("hooks").EnumerateArray().Select(hook => hook.GetString()));
                    break;
                case "mapped" when name == "default_proc_name":
                    Assert.Equal("shop", report.RootElement.GetProperty("settings").GetProperty("proc_name").GetProperty("value").GetString());
                    break;
                default:
                    Assert.StartsWith(place, Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
                    break;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Writes the files that the settings of TLS name.</summary>
    private static void WriteCertificate(string folder)
    {
        using TestCertificates authority = new(folder, "authority");
        File.Copy(authority.Issue("x.pem", "CN=server", "localhost"), Path.Combine(folder, "x.key"));
    }

    /// <summary>Settings without which that of the row makes no sense.</summary>
    private static string NeededBy(GunicornReferenceRow row) => row.Name switch
    {
        "keyfile" or "ca_certs" or "ciphers" => "certfile = 'x.pem'\n",
        "cert_reqs" => "certfile = 'x.pem'\nca_certs = 'x.pem'\n",
        _ => "",
    };

    [Fact]
    public async Task File_WithGunicornsDefaults_HasNothingToSayAboutThem()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("darter-test-");
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "gunicorn.conf.py"),
                """
                bind = "127.0.0.1:8000"
                backlog = 2048
                workers = 1
                worker_class = "sync"
                worker_connections = 1000
                keepalive = 2
                spew = False
                reload = False
                raw_paste_global_conf = []
                tmp_upload_dir = None
                certfile = None
                protocol = "http"
                dirty_workers = 0
                logconfig = None
                """,
                TestContext.Current.CancellationToken);
            CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["check", "--python", PythonInterpreters.Default.Path], folder.FullName);
            Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
