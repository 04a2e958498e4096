using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Darter.Cli;

/// <summary>The usual help, followed by examples for the command that has some.</summary>
internal sealed class HelpWithExamples(HelpAction usual, Command command, string examples) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int status = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command == command)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(examples);
        }

        return status;
    }
}
