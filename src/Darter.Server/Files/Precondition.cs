namespace Darter.Server.Files;

/// <summary>What a request's conditions come to.</summary>
internal enum Precondition
{
    /// <summary>It is answered as if it had none.</summary>
    Proceed,

    /// <summary>The client has the file already: 304.</summary>
    NotModified,

    /// <summary>The file is not the one the client wants: 412.</summary>
    Failed,
}
