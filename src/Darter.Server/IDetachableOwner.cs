using Darter.Transport;

namespace Darter.Server;

/// <summary>A request whose answer may go on without the HTTP server. All on the pool's loop.</summary>
internal interface IDetachableOwner : IHoldOwner
{
    /// <summary>The client's connection, if the response has it for itself and the HTTP server could do without it; else null.</summary>
    IDetachFeature? OwnConnection { get; }

    /// <summary>
    /// <see cref="OwnConnection"/> was taken away: for the HTTP server the request ends here. What is to be told of its end is
    /// told the result, and no longer the owner.
    /// </summary>
    IHeldReport OnHoldDetached();
}
