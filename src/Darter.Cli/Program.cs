using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Darter.Cli;
using Darter.Cli.Files;
using Darter.Cli.Publishing;
using Darter.Cli.Service;

SelfExecutable.Remember();
Starter.Find();
string[] rest = args.Length > 0 ? args[1..] : [];
Command run = RunCommand.Create(rest);
Command dev = DevCommand.Create(rest);
Command check = CheckCommand.Create(rest);
Command files = FilesCommand.Create();
RootCommand root = new("Darter, the web server for Python.")
{
    run,
    dev,
    check,
    files,
    StatusCommand.Create(),
    ReloadCommand.Create(),
    ScaleCommand.Create(),
    StopCommand.Create(),
    UpgradeCommand.Create(),
    PublishCommand.Create(),
    CacheCommand.Create(),
    ImportCommand.Create(),
};
HelpOption help = root.Options.OfType<HelpOption>().Single();
help.Action = new HelpWithExamples((HelpAction)help.Action!, [(run, RunCommand.Examples), (dev, DevCommand.Examples), (files, FilesCommand.Examples)]);

ParseResult result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (result.Action is ParseErrorAction error)
{
    // These commands read the line themselves, together with the other sources of settings.
    if (args is [var name, ..] && root.Subcommands.FirstOrDefault(command => command.Name == name && (command == run || command == dev || command == check)) is { } own)
    {
        result = root.Parse([own.Name]);
    }
    else
    {
        // The mistake must not scroll away under a page of help.
        error.ShowHelp = false;
    }
}

// The run command ends itself in order on signals; the parser's own handling would cut that short.
return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
