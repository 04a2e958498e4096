namespace Darter.Server.Applications;

/// <summary>An application, reached by a route.</summary>
/// <param name="application">The application.</param>
/// <param name="route">What the route says.</param>
internal sealed class RoutedSource(PythonApplication application, RouteSettings route) : IAnswerSource
{
    /// <inheritdoc/>
    public Task RunAsync(IFrontRequest request) => application.RunAsync(request, route);
}
