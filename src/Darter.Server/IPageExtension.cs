using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Puts something at the end of the pages that the application answers with.</summary>
internal interface IPageExtension
{
    /// <summary>What is put at the end of a page of now, HTML.</summary>
    byte[] Tag { get; }

    /// <summary>Whether a response to this request, if it is HTML, is a page that a person looks at, and not a part that a script asked for.</summary>
    bool AsksForPage(IHttpRequestFeature request);

    /// <summary>Whether a request is the extension's own, of which nobody wants a line in a log.</summary>
    bool IsOwn(IHttpRequestFeature request);
}
