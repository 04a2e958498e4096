using System.CommandLine;
using Darter.Cli;

RootCommand root = new("Darter, the web server for Python.")
{
    RunCommand.Create(),
};

// The run command ends itself in order on signals; the parser's own handling would cut that short.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
