namespace Darter.Integration.Tests.Infrastructure;

/// <summary>What a test cannot do without; when it is missing the test is skipped, and says how to get it.</summary>
internal static class Require
{
    /// <summary>The system's interpreter with a module of a Debian package.</summary>
    public static PythonInterpreter SystemPython(string module)
    {
        PythonInterpreter? python = PythonInterpreters.System;
        Assert.SkipUnless(
            python is not null && PythonInterpreters.CanImport(python, module),
            $"The system's Python has no {module}: apt-get install python3-{module}");
        return python!;
    }
}
