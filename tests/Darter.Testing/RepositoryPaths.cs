namespace Darter.Testing;

/// <summary>Where things are in the checkout the tests were built from.</summary>
public static class RepositoryPaths
{
    /// <summary>The folder with the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The executable that <c>./build</c> makes.</summary>
    public static string Executable => Path.Combine(Root, "artifacts", "darter", "darter");

    /// <summary>Applications, requests and other files that tests use.</summary>
    public static string TestAssets => Path.Combine(Root, "testassets");

    /// <summary>Modules that applications of the tests import.</summary>
    public static string Support => Path.Combine(TestAssets, "support");

    /// <summary>The folder of the WSGI application of one behaviour.</summary>
    public static string WsgiApp(string behaviour) => Path.Combine(TestAssets, "apps", "wsgi", behaviour);

    /// <summary>The folder of the ASGI application of one behaviour.</summary>
    public static string AsgiApp(string behaviour) => Path.Combine(TestAssets, "apps", "asgi", behaviour);

    /// <summary>The folder of the Tornado application of one behaviour.</summary>
    public static string TornadoApp(string behaviour) => Path.Combine(TestAssets, "apps", "tornado", behaviour);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Darter.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Darter.slnx above {AppContext.BaseDirectory}.");
    }
}
