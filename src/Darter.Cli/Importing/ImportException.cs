namespace Darter.Cli.Importing;

/// <summary>A file cannot be imported at all; the message begins with its place.</summary>
internal sealed class ImportException(string message) : Exception(message);
