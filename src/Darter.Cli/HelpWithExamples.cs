using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Darter.Cli;

/// <summary>The usual help, followed by examples for the commands that have some.</summary>
internal sealed class HelpWithExamples(HelpAction usual, IReadOnlyList<(Command Command, string Examples)> examples) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int status = usual.Invoke(parseResult);
        foreach ((Command command, string text) in examples)
        {
            if (parseResult.CommandResult.Command == command)
            {
                parseResult.InvocationConfiguration.Output.WriteLine(text);
            }
        }

        return status;
    }
}
