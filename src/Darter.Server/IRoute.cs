using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Where some requests go, and what is done with them on the way.</summary>
internal interface IRoute
{
    /// <summary>The name of the application that answers; null: <see cref="AnswerAsync"/> does.</summary>
    string? App { get; }

    /// <summary>What the application's side of the server has to know.</summary>
    RouteSettings Settings { get; }

    /// <summary>Decides whether the client may use the route. Null: it may. Else the bytes of the body of a refusal that was written, or -1: it may.</summary>
    Task<long>? Admit(in RouteHit hit, IFeatureCollection features);

    /// <summary>Whether <see cref="FinishHead"/> does anything.</summary>
    bool ChangesHead { get; }

    /// <summary>Changes the head of the response as the route says; to be called just before it is sent.</summary>
    void FinishHead(IHeaderDictionary response);

    /// <summary>Changes the request as the route says.</summary>
    void Prepare(in RouteHit hit, IFeatureCollection features);

    /// <summary>Answers; the result are the bytes of the response's body, or -1: the request is the next route's, and nothing of the response was touched.</summary>
    /// <param name="hit">What has led to the route.</param>
    /// <param name="features">The request as the route has changed it, and the response to write.</param>
    /// <param name="clientTarget">The target as the client has sent it.</param>
    Task<long> AnswerAsync(in RouteHit hit, IFeatureCollection features, string clientTarget);
}
