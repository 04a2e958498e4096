using System.CommandLine;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>What is served, and how the interpreter is to run it.</summary>
internal sealed class ApplicationOptions : IOptionGroup
{
    internal Argument<string> Target { get; } = new("TARGET")
    {
        Description = "module:attr, module:factory(), module, path/to/app.py[:attr], or a project folder",
        DefaultValueFactory = _ => ".",
    };

    internal Option<string> Interface { get; } = OneOf(["auto", "wsgi", "asgi", "tornado"], new("--interface")
    {
        Description = "The application's interface: auto, wsgi, asgi or tornado",
        HelpName = "NAME",
        DefaultValueFactory = _ => "auto",
    });

    internal Option<string> Loop { get; } = new("--loop")
    {
        Description = "ASGI and Tornado: the event loop: auto (uvloop if it is installed), asyncio, uvloop or module:factory",
        HelpName = "NAME",
        DefaultValueFactory = _ => "auto",
    };

    internal Option<string> Lifespan { get; } = OneOf(["auto", "on", "off"], new("--lifespan")
    {
        Description = "ASGI: the lifespan protocol: auto (if the application has it), on or off",
        HelpName = "MODE",
        DefaultValueFactory = _ => "auto",
    });

    internal Option<string> RootPath { get; } = new("--root-path")
    {
        Description = "ASGI: the path that the application is mounted at, as a proxy in front removes it",
        HelpName = "PATH",
        DefaultValueFactory = _ => "",
    };

    internal Option<string?> Python { get; } = new("--python")
    {
        Description = "The interpreter; default: $VIRTUAL_ENV, .venv or venv beside the target or in the application's folder, python3",
        HelpName = "PATH",
    };

    internal Option<string?> ChangeDirectory { get; } = new("--chdir")
    {
        Description = "The application's folder; default: the current one",
        HelpName = "DIR",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Interface, Loop, Lifespan, RootPath, Python, ChangeDirectory];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        string folder = Path.GetFullPath(result.GetValue(ChangeDirectory) ?? ".");
        if (!Directory.Exists(folder))
        {
            config.Errors.Add($"--chdir: there is no folder '{folder}'");
        }

        string target = result.GetValue(Target)!;
        string? named = result.GetValue(Python);
        (string Path, string Reason)? python = PythonLocator.Find(named, target, folder);
        if (python is null && config.HasApplication)
        {
            config.Errors.Add(named is null
                ? "there is no python3 on PATH and no virtual environment: name the interpreter with --python"
                : $"--python: '{named}' is not an executable file");
        }

        config.PythonReason = python?.Reason ?? "";
        config.Workers = config.Workers with
        {
            Target = target,
            Interface = result.GetValue(Interface)!,
            Loop = result.GetValue(Loop)!,
            Lifespan = result.GetValue(Lifespan)!,
            RootPath = result.GetValue(RootPath)!.TrimEnd('/'),
            Python = python?.Path ?? "",
            WorkingDirectory = folder,
        };
    }
}
