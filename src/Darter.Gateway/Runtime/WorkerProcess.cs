using System.Diagnostics.CodeAnalysis;
using System.Text;
using Darter.Gateway.Native;

namespace Darter.Gateway.Runtime;

/// <summary>Ends the process where an exception cannot: inside the application, when there is no front any more.</summary>
internal static unsafe class WorkerProcess
{
    /// <summary>Ends the process at once: the front is gone, so nobody can be answered.</summary>
    [DoesNotReturn]
    public static void FrontGone() => Exit(0);

    /// <summary>Ends the process with status 70 (EX_SOFTWARE) after a line on standard error.</summary>
    [DoesNotReturn]
    public static void Fail(string message)
    {
        fixed (byte* line = Encoding.UTF8.GetBytes($"darter: {message}\n"))
        {
            _ = LibC.write(2, line, (nuint)Encoding.UTF8.GetByteCount($"darter: {message}\n"));
        }

        Exit(70);
    }

    [DoesNotReturn]
    private static void Exit(int status)
    {
        LibC._exit(status);
        throw new InvalidOperationException();
    }
}
