using Microsoft.AspNetCore.Http;

namespace Darter.Server.Applications;

/// <summary>What becomes of a request whose worker fails.</summary>
internal sealed partial class HttpStream
{
    private bool _informed;

    /// <inheritdoc/>
    /// <remarks>
    /// GET and HEAD alone: applications keep the rule that they are safe to repeat (RFC 9110, section 9.2.2), less so for PUT
    /// and DELETE; OPTIONS and TRACE are not worth it. An interim response is a part of the answer.
    /// </remarks>
    protected override bool MayRunAgain =>
        _responsePhase == ResponsePhase.Waiting && !_informed && !_hasBody && !_asksForWebSocket
        && (HttpMethods.IsGet(_request.Method) || HttpMethods.IsHead(_request.Method));

    /// <inheritdoc/>
    protected override string Describe() => $"{_request.Method} {_request.RawTarget} (request id {RequestId})";

    /// <inheritdoc/>
    protected override void OnRunAgain() =>
        PythonApplication.Log.RunAgain(_application.Logger, _request.Method, _request.RawTarget);
}
