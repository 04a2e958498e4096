namespace Darter.Server.Hub;

/// <summary>An answer's instructions cannot be followed; the message says why, to whoever reads the log.</summary>
internal sealed class GripException(string message) : Exception(message);
