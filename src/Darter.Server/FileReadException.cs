namespace Darter.Server;

/// <summary>A file could not be read to its end. Not to be confused with a client that could not be written to.</summary>
internal sealed class FileReadException : Exception
{
    internal FileReadException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
