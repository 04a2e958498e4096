using System.Net;
using System.Text.RegularExpressions;

namespace Darter.Integration.Tests.Development;

/// <summary>Base of the tests of the development server over projects of frameworks, which they write themselves.</summary>
public abstract partial class ProjectTest(ServerPool pool) : ServerTest(pool)
{
    /// <summary>Cancelled when the test is.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Where Darter's package is in the checkout.</summary>
    protected static string Package => Path.Combine(RepositoryPaths.Root, "python");

    /// <summary>Writes a file of a project, and the folders above it.</summary>
    protected static void Write(string project, string path, string text)
    {
        string file = Path.Combine(project, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    /// <summary><c>darter dev</c> in a folder.</summary>
    protected DarterServer LaunchDev(PythonInterpreter python, string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        Launch(new DarterServerOptions
        {
            Target = null,
            ProgramArguments = ["dev", "--bind", "127.0.0.1:0", "--python", python.Path, .. arguments],
            NoOptions = true,
            WorkingDirectory = folder,
            Environment = environment,
        });

    /// <summary>A program of Python's in a folder, which finds Darter's package.</summary>
    protected DarterServer LaunchProgram(PythonInterpreter python, string folder, params string[] arguments) =>
        Launch(new DarterServerOptions
        {
            Target = null,
            Program = python.Path,
            ProgramArguments = arguments,
            NoOptions = true,
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string?> { ["PYTHONPATH"] = Package },
        });

    /// <summary>The address that the server shows once it is there.</summary>
    protected static async Task<ServerAddress> AddressAsync(DarterServer server)
    {
        Match? match = null;
        await Wait.Until(
            () => server.HasExited || (match = server.Log.Lines().Select(line => Shown().Match(line)).FirstOrDefault(found => found.Success)) is not null,
            () => $"the server to show its address:\n{server.Describe()}");
        Assert.True(match is not null, server.Describe());
        return new ServerAddress(IPEndPoint.Parse(match.Groups[1].Value), match.Groups[1].Value);
    }

    /// <summary>Status and body of a page.</summary>
    protected static async Task<(HttpStatusCode Status, string Body)> GetAsync(ServerAddress address, string path)
    {
        using HttpClient client = ServerClient.Create(address, HttpProtocol.Http1);
        using HttpResponseMessage response = await client.GetAsync(path, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    [GeneratedRegex(@"http://(\d+\.\d+\.\d+\.\d+:\d+|\[[0-9a-f:]+\]:\d+)$")]
    private static partial Regex Shown();
}
