using Microsoft.AspNetCore.Http;

namespace Darter.Server.Applications;

/// <summary>Questions about the server's health, which no worker sees.</summary>
internal sealed partial class HttpStream
{
    /// <summary>Answers the request if it asks for one of the probes' paths; null: it does not.</summary>
    private Task? AnswerProbe(HealthProbes probes)
    {
        if (!probes.TryAnswer(_request.RawTarget, out bool isWell, out byte[] body))
        {
            return null;
        }

        if (!HttpMethods.IsGet(_request.Method) && !HttpMethods.IsHead(_request.Method))
        {
            return RefuseAsync(StatusCodes.Status405MethodNotAllowed);
        }

        _status = _response.StatusCode = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        _response.Headers.ContentType = "application/json";
        _response.Headers.CacheControl = "no-store";
        _response.Headers.ContentLength = body.Length;
        return FinishAsync(HttpMethods.IsHead(_request.Method) ? default : body);
    }
}
