namespace Darter.Server.Configuration.Routes;

/// <summary>Who answers the requests of a route.</summary>
public abstract record RouteAction;
