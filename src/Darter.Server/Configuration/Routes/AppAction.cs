namespace Darter.Server.Configuration.Routes;

/// <summary>An application answers.</summary>
/// <param name="App">Its name.</param>
/// <param name="Mount">
/// Where in the site's paths it is mounted: WSGI's SCRIPT_NAME, ASGI's root_path, <c>/shop</c> for example. Requests whose path is not below it
/// do not fit the route. Empty: nowhere. Default empty.
/// </param>
public sealed record AppAction(string App, string Mount = "") : RouteAction;
