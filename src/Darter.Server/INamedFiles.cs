using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Finds the files that the application names in its answers (X-Sendfile, X-Accel-Redirect), to be sent in the place of its bodies.</summary>
internal interface INamedFiles
{
    /// <summary>
    /// Looks at an answer, whose status and fields were put into the response, and removes the fields that are for the front,
    /// and those that describe the body that is not sent. On the pool's loop.
    /// </summary>
    /// <param name="features">The request and its response; nothing of that was sent.</param>
    /// <returns>What sends the file; null: the answer names none, and its own body is sent.</returns>
    INamedFile? Take(IFeatureCollection features);
}
