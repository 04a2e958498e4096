using System.Collections.Frozen;

namespace Darter.Server.Applications;

/// <summary>What requests may be for, as a whole: a reload of the configuration puts another in its place.</summary>
/// <param name="Router">Which requests go where.</param>
/// <param name="Applications">The applications by their names.</param>
/// <param name="Default">The application that has the requests which fit no route; null: they get 404.</param>
internal sealed record RoutedSite(IRequestRouter Router, FrozenDictionary<string, PythonApplication> Applications, PythonApplication? Default);
