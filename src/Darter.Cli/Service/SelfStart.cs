using System.Collections;
using System.Text.Json;
using Darter.Workers.Service;

namespace Darter.Cli.Service;

/// <summary>Starts this program again, with the same arguments.</summary>
internal static class SelfStart
{
    /// <summary>Starts it with an order.</summary>
    /// <param name="order">What it is told.</param>
    /// <param name="descriptors">What it inherits.</param>
    /// <param name="variables">What its environment has that this process's has no more.</param>
    /// <param name="detached">In a session of its own, with no standard input and outputs.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    internal static ChildProcess Run(StartOrder order, IReadOnlyList<int> descriptors, IReadOnlyDictionary<string, string> variables, bool detached)
    {
        Dictionary<string, string> environment = [];
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        foreach ((string name, string value) in variables)
        {
            environment[name] = value;
        }

        environment[StartOrder.Variable] = JsonSerializer.Serialize(order, StartOrderJson.Default.StartOrder);
        return ChildProcess.Start(SelfExecutable.Path, [SelfExecutable.Path, .. SelfExecutable.Arguments], environment, descriptors, detached);
    }
}
