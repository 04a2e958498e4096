using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Darter.Cli;

/// <summary>The usual help, followed by examples for the commands that have some.</summary>
internal sealed class HelpWithExamples(HelpAction usual, Dictionary<Command, string> examples) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int status = usual.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out string? text))
        {
            parseResult.InvocationConfiguration.Output.WriteLine(text);
        }

        return status;
    }
}
