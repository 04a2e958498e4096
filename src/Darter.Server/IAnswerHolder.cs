using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Takes over answers of the application that say so, and holds their connections while no worker has to do with them.</summary>
internal interface IAnswerHolder
{
    /// <summary>Whether requests to the application are to be signed.</summary>
    bool SignsRequests { get; }

    /// <summary>
    /// Signs a request to the application, unless another proxy has done so that shares the key. True: the answer is that
    /// proxy's.
    /// </summary>
    bool Sign(IHeaderDictionary request);

    /// <summary>
    /// Looks at an answer with instructions, whose status and fields were put into the response, where instructions are
    /// removed. On the pool's loop.
    /// </summary>
    /// <param name="features">The request and its response; nothing of that was sent.</param>
    /// <param name="owner">Whose answer it is.</param>
    /// <param name="isOfOtherProxy">Whether <see cref="Sign"/> found that another proxy will read the instructions.</param>
    /// <returns>
    /// Who gets the body from now on, and the connection; null: the answer is sent like any other. When the owner was told to
    /// refuse, the value means nothing.
    /// </returns>
    IHeldAnswer? Hold(IFeatureCollection features, IHoldOwner owner, bool isOfOtherProxy);
}
