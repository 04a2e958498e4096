using System.Globalization;
using Darter.Transport;

namespace Darter.Server.Control;

/// <summary>
/// The folders that have the control sockets of a user's servers, each named by the process id of its front:
/// <c>$XDG_RUNTIME_DIR/darter</c>, or <c>/tmp/darter-UID</c> where there is no such variable.
/// </summary>
public static class ControlFolder
{
    /// <summary>Where sockets are that workers of other users open: in a folder that is root's, as is the one it is in.</summary>
    private const string Shared = "/run/darter-workers";

    private const string Extension = ".sock";
    private const string PublishExtension = ".publish";
    private const string ValuesExtension = ".cache";

    /// <summary>The folder that a server started now would use, and the one it would use without the variable.</summary>
    public static IReadOnlyList<string> Candidates
    {
        get
        {
            string fallback = string.Create(CultureInfo.InvariantCulture, $"/tmp/darter-{UserFolder.UserId}");
            string? runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            return string.IsNullOrEmpty(runtime) || !Path.IsPathFullyQualified(runtime) ? [fallback] : [Path.Combine(runtime, "darter"), fallback];
        }
    }

    /// <summary>
    /// Creates the folder if need be, removes the sockets of servers that are gone, and returns the path for this process.
    /// </summary>
    /// <exception cref="IOException">No folder can be used.</exception>
    internal static string Prepare() => Prepare(Extension);

    /// <summary>The same for the socket to which the workers publish.</summary>
    /// <exception cref="IOException">No folder can be used.</exception>
    internal static string PreparePublish() => Prepare(PublishExtension);

    /// <summary>The same for the socket where the workers' shared cache is.</summary>
    /// <exception cref="IOException">No folder can be used.</exception>
    internal static string PrepareValues() => Prepare(ValuesExtension);

    /// <summary>
    /// Makes the path of a socket in this user's folder a link to where other users reach it, and returns that: those who look for the
    /// server's sockets find it as always.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    internal static string Share(string path)
    {
        UserFolder.EnsurePassable(Shared);
        string shared = Path.Combine(Shared, Path.GetFileName(path));
        try
        {
            RemoveStale(Directory.EnumerateFiles(Shared));
            File.Delete(path);
            File.CreateSymbolicLink(path, shared);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }

        return shared;
    }

    /// <summary>Removes the link to a socket that is gone.</summary>
    internal static void RemoveLink(string shared)
    {
        foreach (string path in Candidates.Select(folder => Path.Combine(folder, Path.GetFileName(shared))))
        {
            if (new FileInfo(path).LinkTarget == shared)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>The sockets in a folder, unless somebody else could have put them there.</summary>
    public static IReadOnlyList<string> Sockets(string folder) => Files(folder, Extension);

    /// <summary>The sockets to publish to in a folder, unless somebody else could have put them there.</summary>
    public static IReadOnlyList<string> PublishSockets(string folder) => Files(folder, PublishExtension);

    private static string Prepare(string extension)
    {
        IOException? failure = null;
        foreach (string folder in Candidates)
        {
            try
            {
                UserFolder.Ensure(folder);
                RemoveStale(folder);
                return Path.Combine(folder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + extension);
            }
            catch (IOException exception)
            {
                failure ??= exception;
            }
        }

        throw failure!;
    }

    private static IReadOnlyList<string> Files(string folder, string extension)
    {
        try
        {
            return UserFolder.IsPrivate(folder) ? [.. Directory.EnumerateFiles(folder, "*" + extension).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void RemoveStale(string folder) => RemoveStale((IEnumerable<string>)[.. Sockets(folder), .. PublishSockets(folder), .. Files(folder, ValuesExtension)]);

    private static void RemoveStale(IEnumerable<string> paths)
    {
        foreach (string path in paths.ToArray())
        {
            // A process that is there may be about to listen; one that only has the number will end some time.
            if (int.TryParse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture, out int pid) && !Directory.Exists($"/proc/{pid}"))
            {
                try
                {
                    File.Delete(path);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // It does no harm; the next server tries again.
                }
            }
        }
    }
}
