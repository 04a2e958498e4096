using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>A request of the front's own to the application: no client waits for it, and no log counts it among those of clients.</summary>
internal interface IFrontRequest : IFeatureCollection;
