namespace Darter.Server.Files;

/// <summary>A file is not taken.</summary>
internal sealed class UploadException : Exception
{
    internal UploadException(int status, string message, Exception? cause = null)
        : base(message, cause) => Status = status;

    /// <summary>The status of the answer.</summary>
    internal int Status { get; }
}
