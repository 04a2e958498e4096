using System.Diagnostics;

namespace Darter.Testing.Processes;

/// <summary>Debian's chromium without a window, with a profile of its own.</summary>
public sealed class HeadlessBrowser : IDisposable
{
    private readonly DirectoryInfo _profile;
    private readonly Process _process;

    private HeadlessBrowser(DirectoryInfo profile, Process process)
    {
        _profile = profile;
        _process = process;
    }

    /// <summary>Opens a page.</summary>
    public static HeadlessBrowser Open(Uri page)
    {
        DirectoryInfo profile = Directory.CreateTempSubdirectory("darter-browser-");

        // Its sandbox refuses to run as root, and containers have little shared memory.
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            $"--user-data-dir={profile.FullName}", page.ToString(),
        ];
        var start = new ProcessStartInfo("chromium", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new HeadlessBrowser(profile, process);
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // One of its processes that has just been killed wrote into it still.
        }
    }
}
