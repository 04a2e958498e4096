using System.Net;
using Darter.Server.Routing;

namespace Darter.Server;

/// <summary>The route that fits a request.</summary>
/// <param name="Route">The route; null: none fits.</param>
/// <param name="Index">Its place among the routes.</param>
/// <param name="Rest">What the last <c>*</c> of the pattern stood for, decoded; null: the pattern had none.</param>
/// <param name="Captures">What regular expressions of the route have captured; null: it has none.</param>
/// <param name="Client">The client's address, behind a trusted proxy the one that it names; null: it has none.</param>
internal readonly record struct RouteHit(IRoute? Route, int Index, string? Rest, RouteCaptures? Captures, IPAddress? Client);
