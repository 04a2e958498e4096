using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Answers some requests in the front itself: no worker sees them, and neither does the queue.</summary>
internal interface IFrontHandler
{
    /// <summary>Answers a request if it is one of this handler's. The task's result are the bytes of the response's body.</summary>
    /// <param name="features">The request, and the response to write.</param>
    /// <returns>Null if the request is none of this handler's; nothing of the response may be touched then.</returns>
    /// <remarks>
    /// Runs on the connection's loop, which must not wait. An exception breaks the connection off; <see cref="IOException"/>
    /// and <see cref="OperationCanceledException"/> mean that the client has left, <see cref="AnswerBrokenOffException"/> that
    /// what is wrong is logged already.
    /// </remarks>
    Task<long>? TryHandle(IFeatureCollection features);
}
