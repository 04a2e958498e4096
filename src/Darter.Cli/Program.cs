using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Darter.Cli;
using Darter.Cli.Service;

SelfExecutable.Remember();
Starter.Find();
Command run = RunCommand.Create();
RootCommand root = new("Darter, the web server for Python.")
{
    run,
};
HelpOption help = root.Options.OfType<HelpOption>().Single();
help.Action = new HelpWithExamples((HelpAction)help.Action!, run, RunCommand.Examples);

ParseResult result = root.Parse(args);
if (result.Action is ParseErrorAction error)
{
    // The mistake must not scroll away under a page of help.
    error.ShowHelp = false;
}

// The run command ends itself in order on signals; the parser's own handling would cut that short.
return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
