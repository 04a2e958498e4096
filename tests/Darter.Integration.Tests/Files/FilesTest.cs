using System.Text;

namespace Darter.Integration.Tests.Files;

/// <summary>Base of the tests of <c>darter files</c>: a folder, and a server of it.</summary>
public abstract class FilesTest(ServerPool pool) : ServerTest(pool)
{
    private string? _folder;

    /// <summary>The folder that is served; what lies beside it is not. It is deleted when the test is over.</summary>
    protected string Folder => _folder ??= Directory.CreateDirectory(Path.Combine(TemporaryFolder(), "served")).FullName;

    /// <summary>Writes a file and sets its time back, so that its tag is a strong one.</summary>
    protected string Write(string name, string text, int daysOld = 1) => Write(name, Encoding.UTF8.GetBytes(text), daysOld);

    /// <summary>Writes a file and sets its time back, so that its tag is a strong one.</summary>
    protected string Write(string name, byte[] bytes, int daysOld = 1)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, new DateTime(2024, 5, 17, 10, 30, 0, DateTimeKind.Utc).AddDays(-daysOld));
        return path;
    }

    /// <summary>Starts <c>darter files</c> for the folder.</summary>
    protected Task<DarterServer> ServeAsync(params IEnumerable<string> arguments) =>
        StartAsync(new DarterServerOptions
        {
            Target = null,
            NoOptions = true,
            ProgramArguments = ["files", Folder, "--bind", "127.0.0.1:0", .. arguments],
        });

    /// <summary>Sends a request with a target exactly as it is written here.</summary>
    protected static Task<RawResponse> GetAsync(DarterServer server, string target, string fields = "", string method = "GET") =>
        RawConnection.ExchangeAsync(server.Address, $"{method} {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n", method);
}
