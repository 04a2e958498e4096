namespace Darter.Server;

/// <summary>A file that is sent in the place of an answer's body.</summary>
internal interface INamedFile
{
    /// <summary>
    /// Sends it, by what the request asks for, or an answer that says that it cannot be sent, which is logged. The result are
    /// the bytes of the body.
    /// </summary>
    /// <remarks>
    /// Begins on the pool's loop, which must not wait. An exception breaks the connection off; <see cref="IOException"/> and
    /// <see cref="OperationCanceledException"/> mean that the client has left.
    /// </remarks>
    Task<long> SendAsync();
}
