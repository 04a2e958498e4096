using System.CommandLine;
using Darter.Cli.Settings;

namespace Darter.Cli;

/// <summary><c>darter dev</c>: the development server. It is the production server with a session beside it.</summary>
internal static class DevCommand
{
    /// <summary>Examples for <c>darter dev --help</c>.</summary>
    internal const string Examples = """
        Examples:
          darter dev                        the application in this folder, at http://127.0.0.1:8000
          darter dev shop.wsgi -b :5000     a module's application, at port 5000 of all addresses
          darter dev 'app:create_app()'     a factory
          darter dev path/to/project        a Django project's folder
          darter dev --open --quiet         opens the browser, shows no requests

        """;

    /// <summary>The command, with its options.</summary>
    /// <param name="arguments">The command line after the command's name.</param>
    internal static Command Create(IReadOnlyList<string> arguments)
    {
        Command command = new("dev", "Serve an application while you work on it: reload, debugger, live reload");
        RunConfigLoader loader = new(LaunchContext.OfProcess(arguments), isDevelopment: true);
        loader.Describe(command);
        command.SetAction((_, cancellation) => RunCommand.RunAsync(loader, cancellation));
        return command;
    }
}
