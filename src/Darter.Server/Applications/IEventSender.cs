using Darter.Wire;
using Darter.Workers;

namespace Darter.Server.Applications;

/// <summary>Who sends events to the application, and hears what becomes of them. On the pool's loop.</summary>
internal interface IEventSender
{
    /// <summary>What it is, for the log.</summary>
    string Description { get; }

    /// <summary>Writes the head of the request.</summary>
    void WriteHead(FrameWriter writer, uint stream, ushort slot, int length);

    /// <summary>The application has answered, perhaps with something malformed: see <see cref="EventAnswer.Error"/>. The answer is the callee's.</summary>
    void OnAnswered(EventAnswer answer);

    /// <summary>The application has answered something else.</summary>
    void OnRejected(int status);

    /// <summary>There is no answer.</summary>
    void OnFailed(StreamFailure failure, string message);
}
