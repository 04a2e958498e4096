namespace Darter.Server;

/// <summary>
/// A feature of requests or of their connections: what the application is told beside the request, in variables as those
/// of CGI.
/// </summary>
internal interface IRequestVariables
{
    /// <summary>How many there are.</summary>
    ushort VariableCount { get; }

    /// <summary>The variables, in the form of <see cref="Wire.HeaderBlock"/> without its count.</summary>
    ReadOnlyMemory<byte> Variables { get; }
}
