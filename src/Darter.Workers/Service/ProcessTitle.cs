using System.Text;
using Darter.Workers.Native;

namespace Darter.Workers.Service;

/// <summary>How this process appears in <c>ps</c> and <c>top</c>.</summary>
public static class ProcessTitle
{
    /// <summary>The longest name of a process, in bytes; the kernel keeps no more.</summary>
    private const int LongestName = 15;

    /// <summary>Sets the command line, cut to the length of the old one, and the name that <c>top</c> and <c>pgrep</c> know.</summary>
    public static void Set(string title, string name)
    {
        try
        {
            ArgumentArea.TryReplace(title);
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            File.WriteAllBytes("/proc/self/comm", bytes[..Math.Min(bytes.Length, LongestName)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without /proc nobody sees titles either.
        }
    }
}
