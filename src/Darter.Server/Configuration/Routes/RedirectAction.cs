namespace Darter.Server.Configuration.Routes;

/// <summary>The client is sent elsewhere.</summary>
/// <param name="To">
/// The place: a path or an address. In it <c>*</c> is what the last <c>*</c> of the matching pattern stood for, with the query;
/// <c>{host}</c> is the host as the client asked for it, without port, and <c>{uri}</c> the path with its query.
/// </param>
/// <param name="Status">301, 302, 303, 307 or 308. Default 308, which keeps the method.</param>
public sealed record RedirectAction(string To, int Status = 308) : RouteAction;
