using System.CommandLine;

namespace Darter.Cli.Options;

/// <summary>Options that belong together, and what they come to in the configuration.</summary>
internal interface IOptionGroup
{
    /// <summary>The options, in the order of the help.</summary>
    IEnumerable<Option> All { get; }

    /// <summary>Puts the values into the configuration, and what is wrong with them into its errors.</summary>
    void Apply(RunConfigBuilder config, ParseResult result);
}
