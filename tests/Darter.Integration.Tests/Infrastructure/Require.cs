using System.Collections.Concurrent;

namespace Darter.Integration.Tests.Infrastructure;

/// <summary>What a test cannot do without; when it is missing the test is skipped, and says how to get it.</summary>
internal static class Require
{
    private static readonly ConcurrentDictionary<string, bool> Present = new();

    /// <summary>The rights of root, to become somebody else.</summary>
    public static void Root() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can change users.");

    /// <summary>The system's interpreter with a module of a Debian package.</summary>
    public static PythonInterpreter SystemPython(string module)
    {
        PythonInterpreter? python = PythonInterpreters.System;
        Assert.SkipUnless(
            python is not null && Present.GetOrAdd(module, name => PythonInterpreters.CanImport(python, name)),
            $"The system's Python has no {module}: apt-get install python3-{module}");
        return python!;
    }
}
