namespace Darter.Server.Applications;

/// <summary>What the header fields of an answer may want of the front.</summary>
[Flags]
internal enum AnswerInstructions : byte
{
    /// <summary>Nothing but to be sent.</summary>
    None = 0,

    /// <summary>The answer is to be held: fields of GRIP, or the type of a body that has them.</summary>
    Hold = 1,

    /// <summary>A file is to be sent: X-Sendfile, or a field of nginx's, X-Accel-Redirect and the like.</summary>
    File = 2,
}
